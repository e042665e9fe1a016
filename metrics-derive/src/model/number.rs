//! How is a number in an attribute a float? `10` is 10.0; what is no literal is left to the compiler.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Expr, ExprLit, ExprPath, ExprUnary, Lit, LitFloat, UnOp};

use crate::attr::bare;

/// A number, as it is to be written, and its value where that can be seen.
pub(crate) struct Number {
    expression: Expr,
    pub(crate) value: Option<f64>,
}

impl Number {
    pub(crate) fn new(expression: Expr) -> Self {
        let mut expression = bare(expression);
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

/// Literals without a type become `f64`, as which alone they make sense; the rest stays.
fn make_float(expression: &mut Expr) {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => {
            let digits = match lit {
                Lit::Int(integer) if integer.suffix().is_empty() => integer.base10_digits(),
                Lit::Float(float) if float.suffix().is_empty() => float.base10_digits(),
                _ => return,
            };
            *lit = Lit::Float(LitFloat::new(&format!("{digits}f64"), lit.span()));
        }
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => make_float(expr),
        _ => {}
    }
}

fn value(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Float(float), .. }) if float.suffix() == "f64" => float.base10_parse().ok(),
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
            ("10", "10f64", Some(10.0)),
            ("-1_000", "- 1000f64", Some(-1000.0)),
            ("0.5", "0.5f64", Some(0.5)),
            ("1e3_f64", "1e3_f64", Some(1000.0)),
            ("1f32", "1f32", None),
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
