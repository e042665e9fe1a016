//! How is a number in an attribute a float? `10` is 10.0; what is no literal is left to the compiler.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, ExprLit, ExprPath, ExprUnary, Lit, LitFloat, UnOp};

/// A number, as it is to be written, and its value where that can be seen.
pub(crate) struct Number {
    expression: Expr,
    pub(crate) value: Option<f64>,
}

impl Number {
    pub(crate) fn new(mut expression: Expr) -> Self {
        make_float(&mut expression);
        let value = value(&expression);
        Self { expression, value }
    }
}

impl ToTokens for Number {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.expression.to_tokens(tokens);
    }
}

/// Integer literals become float literals, the rest stays.
fn make_float(expression: &mut Expr) {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => {
            if let Lit::Int(integer) = lit {
                if integer.suffix().is_empty() {
                    let text = format!("{}.0", integer.base10_digits());
                    *lit = Lit::Float(LitFloat::new(&text, integer.span()));
                }
            }
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => make_float(expr),
        _ => {}
    }
}

fn value(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) if matches!(float.suffix(), "" | "f64") => {
            float.base10_parse().ok()
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => value(expr).map(|value| -value),
        Expr::Path(path) => named(path),
        _ => None,
    }
}

/// The constants of `f64` that are no good bounds.
fn named(path: &ExprPath) -> Option<f64> {
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    match (names.next()?.as_str(), names.next()?.as_str()) {
        ("NAN", "f64") => Some(f64::NAN),
        ("INFINITY", "f64") => Some(f64::INFINITY),
        ("NEG_INFINITY", "f64") => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Number;
    use quote::ToTokens;
    use syn::parse_str;

    #[test]
    fn literals_are_floats_and_the_rest_is_left() {
        let cases = [
            ("10", "10.0", Some(10.0)),
            ("-1_000", "- 1000.0", Some(-1000.0)),
            ("0.5", "0.5", Some(0.5)),
            ("1e3_f64", "1e3_f64", Some(1000.0)),
            ("f64 :: INFINITY", "f64 :: INFINITY", Some(f64::INFINITY)),
            ("LIMIT", "LIMIT", None),
            ("2.0 * LIMIT", "2.0 * LIMIT", None),
        ];
        for (source, written, value) in cases {
            let number = Number::new(parse_str(source).expect("an expression"));
            assert_eq!(number.to_token_stream().to_string(), written);
            assert_eq!(number.value, value);
        }
    }
}
