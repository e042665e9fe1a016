//! What does a doc comment say in one line? Its first paragraph.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The first paragraph, its lines joined; empty if there is none.
pub(super) fn summary(attributes: &[Attribute]) -> String {
    let docs = attributes.iter().filter_map(text).collect::<Vec<_>>().join("\n");
    let lines = docs.lines().map(str::trim).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if meta.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::summary;
    use syn::parse_quote;

    #[test]
    fn the_first_paragraph_is_joined() {
        let attributes = [
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " Orders placed,"]),
            parse_quote!(#[doc = " by method."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " More."]),
            parse_quote!(#[cfg(all())]),
        ];
        assert_eq!(summary(&attributes), "Orders placed, by method.");
        assert_eq!(summary(&attributes[3..4]), "");
    }
}
