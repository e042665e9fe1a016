//! How is text exposed that never changes?

use crate::family::{Pass, Progress, Source};

/// A series whose constant labels say everything.
pub(crate) struct Info;

impl Source for Info {
    fn write(&self, _: &mut Progress, pass: &mut Pass<'_>) -> bool {
        pass.encoder.start_row();
        pass.left_out += u64::from(pass.encoder.info(pass.out).is_err());
        true
    }

    fn len(&self) -> usize {
        1
    }
}
