//! Types as they are written, and links to where they are described.

use wit_parser::{Handle, Package, Resolve, Type, TypeDefKind, TypeId, TypeOwner};

/// Writes types for the page of one package.
pub(super) struct Types<'r> {
    resolve: &'r Resolve,
    page: &'r Package,
}

impl<'r> Types<'r> {
    pub(super) fn new(resolve: &'r Resolve, page: &'r Package) -> Self {
        Self { resolve, page }
    }

    /// As the contract writes it: `result<list<answer>, error>`.
    pub(super) fn written(&self, ty: &Type) -> String {
        self.write(ty, &|_, name| name.to_owned())
    }

    /// The same with links, in Markdown.
    pub(super) fn linked(&self, ty: &Type) -> String {
        self.write(ty, &|id, name| self.link(id, name))
    }

    fn link(&self, id: TypeId, name: &str) -> String {
        let origin = self.origin(id);
        let page = match self.resolve.types[origin].owner {
            TypeOwner::Interface(interface) => self.resolve.interfaces[interface].package,
            TypeOwner::World(_) | TypeOwner::None => None,
        };
        match page.map(|page| &self.resolve.packages[page]) {
            Some(page) if page.name != self.page.name => format!("[{name}]({}.md#{name})", page.name.name),
            _ => format!("[{name}](#{name})"),
        }
    }

    /// Where a type that is only named was defined.
    fn origin(&self, mut id: TypeId) -> TypeId {
        while let TypeDefKind::Type(Type::Id(next)) = self.resolve.types[id].kind {
            id = next;
        }
        id
    }

    fn write(&self, ty: &Type, named: &dyn Fn(TypeId, &str) -> String) -> String {
        let Type::Id(id) = ty else { return primitive(ty) };
        let definition = &self.resolve.types[*id];
        if let Some(name) = &definition.name {
            return named(*id, name);
        }
        let write = |ty: &Type| self.write(ty, named);
        let optional = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), write);
        match &definition.kind {
            TypeDefKind::Option(inner) => format!("option<{}>", write(inner)),
            TypeDefKind::List(inner) => format!("list<{}>", write(inner)),
            TypeDefKind::FixedLengthList(inner, length) => format!("list<{}, {length}>", write(inner)),
            TypeDefKind::Map(key, value) => format!("map<{}, {}>", write(key), write(value)),
            TypeDefKind::Tuple(tuple) => {
                let parts: Vec<String> = tuple.types.iter().map(write).collect();
                format!("tuple<{}>", parts.join(", "))
            }
            TypeDefKind::Result(result) => format!("result<{}, {}>", optional(&result.ok), optional(&result.err)),
            TypeDefKind::Handle(Handle::Own(id)) => write(&Type::Id(*id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => format!("borrow<{}>", write(&Type::Id(*id))),
            other => other.as_str().to_owned(),
        }
    }
}

fn primitive(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext => "error-context",
        Type::Id(_) => "",
    }
    .to_owned()
}
