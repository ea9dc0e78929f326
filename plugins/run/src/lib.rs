//! The plugin `run`: a shell line on a target.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Config { command: String }
#[derive(serde::Serialize, schemars::JsonSchema)]
struct Outputs { status: u32 }
struct Run;
impl windlass_sdk::Stage for Run {
    const NAME: &'static str = "run";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "x";
    type Config = Config;
    type Outputs = Outputs;
    fn run(ctx: &windlass_sdk::Context, config: Config) -> windlass_sdk::Result<Outputs> {
        windlass_sdk::ssh::script(ctx.target()?, config.command).run()?.success()?;
        Ok(Outputs { status: 0 })
    }
}
windlass_sdk::export!(Run);
