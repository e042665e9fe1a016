//! Which label sets do the rows use?

use metrics_core::{LabelDeclaration, LabelSet, LabelValue, LabelVisitor};

use crate::labels::values::{Outcome, Payment};

/// Two labels whose values are all known beforehand.
#[derive(Clone, Copy, Debug)]
pub struct OrderLabels {
    /// How it was paid.
    pub payment: Payment,
    /// What became of it.
    pub outcome: Outcome,
}

/// Three texts.
#[derive(Clone, Copy, Debug, Hash)]
pub struct RequestLabels<'a> {
    /// As `GET`.
    pub method: &'a str,
    /// As `/orders/{id}`.
    pub route: &'a str,
    /// As `200`.
    pub code: &'a str,
}

/// The enumerated values.
pub mod values {
    use metrics_core::LabelValue;

    /// How an order is paid.
    #[derive(Clone, Copy, Debug)]
    #[expect(missing_docs, reason = "names are enough")]
    pub enum Payment {
        Card,
        Transfer,
        Cash,
        Voucher,
        Invoice,
        Wallet,
        Crypto,
        Free,
    }

    /// What became of an order.
    #[derive(Clone, Copy, Debug)]
    #[expect(missing_docs, reason = "names are enough")]
    pub enum Outcome {
        Paid,
        Declined,
        Expired,
        Refunded,
        Disputed,
        Cancelled,
        Failed,
        Pending,
    }

    impl Payment {
        /// All of them.
        pub const ALL: [Self; 8] = [
            Self::Card,
            Self::Transfer,
            Self::Cash,
            Self::Voucher,
            Self::Invoice,
            Self::Wallet,
            Self::Crypto,
            Self::Free,
        ];
    }

    impl Outcome {
        /// All of them.
        pub const ALL: [Self; 8] = [
            Self::Paid,
            Self::Declined,
            Self::Expired,
            Self::Refunded,
            Self::Disputed,
            Self::Cancelled,
            Self::Failed,
            Self::Pending,
        ];
    }

    impl LabelValue for Payment {
        const VALUES: &'static [&'static str] =
            &["card", "transfer", "cash", "voucher", "invoice", "wallet", "crypto", "free"];

        #[inline]
        fn index(self) -> usize {
            self as usize
        }
    }

    impl LabelValue for Outcome {
        const VALUES: &'static [&'static str] =
            &["paid", "declined", "expired", "refunded", "disputed", "cancelled", "failed", "pending"];

        #[inline]
        fn index(self) -> usize {
            self as usize
        }
    }
}

impl LabelSet for OrderLabels {
    type Schema = Self;
    const LABELS: &'static [LabelDeclaration] = &[
        LabelDeclaration::new("payment", metrics_core::LabelValues::Enumerated(Payment::VALUES)),
        LabelDeclaration::new("outcome", metrics_core::LabelValues::Enumerated(Outcome::VALUES)),
    ];

    #[inline]
    fn index(&self) -> usize {
        self.payment.index() * Outcome::VALUES.len() + self.outcome.index()
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.enumerated(self.payment.index());
        visitor.enumerated(self.outcome.index());
    }
}

impl LabelSet for RequestLabels<'_> {
    type Schema = RequestLabels<'static>;
    const LABELS: &'static [LabelDeclaration] = &[
        LabelDeclaration::new("method", metrics_core::LabelValues::Dynamic),
        LabelDeclaration::new("route", metrics_core::LabelValues::Dynamic),
        LabelDeclaration::new("code", metrics_core::LabelValues::Dynamic),
    ];

    #[inline]
    fn index(&self) -> usize {
        0
    }

    #[inline]
    fn visit<V: LabelVisitor>(&self, visitor: &mut V) {
        visitor.text(self.method);
        visitor.text(self.route);
        visitor.text(self.code);
    }
}

/// 64 different sets of two enumerated labels.
pub fn orders() -> [OrderLabels; 64] {
    std::array::from_fn(|at| OrderLabels { payment: Payment::ALL[at / 8], outcome: Outcome::ALL[at % 8] })
}

/// The texts of 64 different sets of three labels: method, route, status code.
pub fn requests() -> [[String; 3]; 64] {
    const METHODS: [&str; 4] = ["GET", "POST", "PUT", "DELETE"];
    const CODES: [&str; 4] = ["200", "201", "404", "500"];
    const THINGS: [&str; 4] = ["orders", "customers", "products", "invoices"];
    std::array::from_fn(|at| {
        let route = format!("/api/v1/{}/{{id}}", THINGS[at / 16]);
        [METHODS[at % 4].to_owned(), route, CODES[at / 4 % 4].to_owned()]
    })
}

impl<'a> From<&'a [String; 3]> for RequestLabels<'a> {
    #[inline]
    fn from([method, route, code]: &'a [String; 3]) -> Self {
        Self { method, route, code }
    }
}
