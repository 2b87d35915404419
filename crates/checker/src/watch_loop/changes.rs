//! Which changes of the watched files start a check. A program that changes a file itself, each time
//! it runs, would start one check after another.

use super::files::Seen;

/// In how many checks in a row a file may change, as it does when somebody saves quickly, before it
/// must be the program that changes it.
const MOST: usize = 3;

#[derive(Default)]
pub struct Changes {
    /// In how many checks in a row, up to the last one, a file has changed.
    in_a_row: usize,
    /// Whether a check has been underway since the last look.
    is_during: bool,
    /// Whether a file has changed during the last check, and whether it may still be written to.
    has_changed: bool,
    is_changing: bool,
}

impl Changes {
    /// A check begins.
    pub fn begin_check(&mut self) {
        *self = Self { in_a_row: self.in_a_row, is_during: true, ..Self::default() };
    }

    /// Whether what a look has seen is to be checked now. A change of the program's own is not, but
    /// one that comes while no check is underway is somebody's save.
    pub fn are_to_be_checked(&mut self, seen: Seen, is_underway: bool) -> bool {
        let is_during = std::mem::replace(&mut self.is_during, is_underway) || self.is_changing;
        self.is_changing = is_during && seen == Seen::Changing;
        match seen {
            Seen::Saved if is_during => {
                self.in_a_row += usize::from(!self.has_changed);
                self.has_changed = true;
                !self.are_the_programs()
            }
            Seen::Saved => true,
            Seen::Nothing if is_during && !is_underway && !self.has_changed => {
                self.in_a_row = 0;
                false
            }
            Seen::Nothing | Seen::Changing => false,
        }
    }

    /// Whether it is the program that changes a file.
    pub fn are_the_programs(&self) -> bool {
        self.in_a_row > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Seen::{Changing, Nothing, Saved};

    /// A check during which, or just after which, a file is changed. Whether that is to be checked.
    fn changed(changes: &mut Changes, is_during: bool) -> bool {
        changes.begin_check();
        assert!(!changes.are_to_be_checked(Changing, is_during));
        changes.are_to_be_checked(Saved, false)
    }

    #[test]
    fn a_file_that_changes_in_each_check_is_changed_by_the_program() {
        for is_during in [true, false] {
            let mut changes = Changes::default();
            for _ in 0..MOST {
                assert!(changed(&mut changes, is_during));
                assert!(!changes.are_the_programs());
            }
            for _ in 0..2 {
                assert!(!changed(&mut changes, is_during));
                assert!(changes.are_the_programs());
            }
            assert!(!changes.are_to_be_checked(Nothing, false));
            assert!(changes.are_the_programs(), "nothing else was checked");
            assert!(changes.are_to_be_checked(Saved, false), "a save while nothing is checked");
            changes.begin_check();
            assert!(!changes.are_to_be_checked(Nothing, true));
            assert!(changes.are_the_programs(), "not before the end");
            assert!(!changes.are_to_be_checked(Nothing, false));
            assert!(!changes.are_the_programs());
        }
    }

    #[test]
    fn saves_are_checked_however_quickly_they_come() {
        let mut changes = Changes::default();
        for _ in 0..10 {
            // Two during one check, which takes a while to end, and one after the next.
            changes.begin_check();
            assert!(changes.are_to_be_checked(Saved, true));
            assert!(changes.are_to_be_checked(Saved, true));
            changes.begin_check();
            assert!(!changes.are_to_be_checked(Nothing, false));
            assert!(changes.are_to_be_checked(Saved, false));
        }
    }
}
