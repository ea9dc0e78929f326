//! The macro that makes a crate a plugin.

/// Exports a [`Stage`](crate::Stage) as the plugin that this crate is. Once per crate.
///
/// Natively it exports nothing, so that the crate can be tested like any other.
#[macro_export]
macro_rules! export {
    ($stage:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;

            impl $crate::bindings::exports::windlass::stage::stage::Guest for Component {
                fn describe() -> ::std::string::String {
                    $crate::glue::describe::<$stage>()
                }

                fn run(
                    context: ::std::string::String,
                ) -> ::std::result::Result<::std::string::String, $crate::bindings::WireError> {
                    ::std::result::Result::map_err($crate::glue::run::<$stage>(&context), ::std::convert::Into::into)
                }

                fn undo(context: ::std::string::String) -> ::std::result::Result<(), $crate::bindings::WireError> {
                    ::std::result::Result::map_err($crate::glue::undo::<$stage>(&context), ::std::convert::Into::into)
                }
            }

    $crate::bindings::export!(Component with_types_in $crate::bindings);
        };

        #[cfg(not(target_family = "wasm"))]
        const _: fn() -> ::std::string::String = $crate::glue::describe::<$stage>;
    };
}
