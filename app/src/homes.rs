//! Several organisations: one home, one window and one node each. This finds the homes beside this one and starts their
//! windows; a window that is open already is raised (see `instance`).
//!
//! The first home is `…/home`, the others are `…/homes/NAME`. The name is what the person called the organisation on this
//! computer: what an organisation calls itself lies sealed in its home, and is not known before the password.

use std::path::{Path, PathBuf};
use std::process::Command;

use artel_node::home::Layout;

use crate::desktop;

/// Name of the folder of the first home, and of that with the others, beside it.
const FIRST: &str = "home";
const OTHERS: &str = "homes";
/// Longest name, letters: it stands in a menu and is the name of a folder.
const NAME_LETTERS_MAX: usize = 40;
/// Homes that a menu lists; nobody has as many.
const HOMES_MAX: usize = 16;

/// A home beside this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    /// None: the first.
    pub(crate) name: Option<String>,
    pub(crate) path: PathBuf,
}

/// The homes of this person on this computer, as far as they stand beside each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Homes {
    here: PathBuf,
    /// Where `home` and `homes` are; none where this home stands elsewhere.
    family: Option<PathBuf>,
    /// All but this one, the first first, then by name.
    pub(crate) others: Vec<Home>,
}

impl Homes {
    /// Those beside a home.
    pub(crate) fn beside(home: &Layout) -> Self {
        let here = home.root().to_owned();
        let folder = here.parent();
        let family = match folder {
            Some(folder) if here.file_name().is_some_and(|it| it == FIRST) => Some(folder),
            Some(folder) if folder.file_name().is_some_and(|it| it == OTHERS) => folder.parent(),
            _ => None,
        };
        let mut homes = Self { family: family.map(Path::to_owned), here, others: Vec::new() };
        homes.look();
        homes
    }

    /// Looks again: another window may have made one.
    pub(crate) fn look(&mut self) {
        let Some(family) = &self.family else { return };
        let first = Home { name: None, path: family.join(FIRST) };
        let folders = std::fs::read_dir(family.join(OTHERS)).into_iter().flatten().flatten().take(HOMES_MAX);
        let named =
            folders.filter_map(|it| Some(Home { name: Some(it.file_name().into_string().ok()?), path: it.path() }));
        let mut others: Vec<Home> = std::iter::once(first).chain(named).collect();
        others.retain(|it| it.path != self.here && Layout::new(&it.path).layout().is_file());
        others.sort_by(|a, b| a.name.cmp(&b.name));
        self.others = others;
    }

    /// What this one is called on this computer; none of the first.
    pub(crate) fn name(&self) -> Option<&str> {
        let family = self.family.as_ref()?;
        let name = self.here.strip_prefix(family.join(OTHERS)).ok()?.to_str()?;
        Some(name)
    }

    /// Whether another organisation can be had beside this one.
    pub(crate) fn can_grow(&self) -> bool {
        self.family.is_some()
    }

    /// Where the home of that name is or would be; none if that is no name for a folder.
    pub(crate) fn place(&self, name: &str) -> Option<PathBuf> {
        let name = name.trim();
        let letters = name.chars().count();
        // What a name consists of on every system; no dot, so that none is hidden or ends in one.
        let plain = name.chars().all(|it| it.is_alphanumeric() || " -_".contains(it));
        let fits = (1..=NAME_LETTERS_MAX).contains(&letters) && plain && !reserved(name);
        fits.then(|| self.family.as_ref().map(|it| it.join(OTHERS).join(name))).flatten()
    }
}

/// Opens the window of a home, or raises it. Returns at once.
pub(crate) fn open(home: &Path) {
    match std::env::current_exe() {
        Ok(program) => desktop::start(command(&program, home)),
        Err(error) => tracing::warn!(%error, "the other window is not opened"),
    }
}

fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--home").arg(home);
    command
}

/// Names that Windows keeps for devices.
fn reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = |of: &str| {
        name.strip_prefix(of).is_some_and(|it| it.len() == 1 && it.as_bytes().iter().all(u8::is_ascii_digit))
    };
    ["con", "prn", "aux", "nul"].contains(&name.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(root: &Path) {
        std::fs::create_dir_all(root).unwrap();
        std::fs::write(Layout::new(root).layout(), "artel home 1").unwrap();
    }

    fn names(home: &Path) -> Vec<Option<String>> {
        Homes::beside(&Layout::new(home)).others.into_iter().map(|it| it.name).collect()
    }

    #[test]
    fn homes_beside_each_other_are_listed_without_this_one() {
        let dir = tempfile::tempdir().unwrap();
        let [first, mill, office] = ["home", "homes/Мельница", "homes/Office"].map(|it| dir.path().join(it));
        assert_eq!(names(&first), []);
        for home in [&first, &mill, &office] {
            made(home);
        }
        std::fs::create_dir(dir.path().join("homes/begun and left")).unwrap();
        assert_eq!(names(&first), [Some("Office".into()), Some("Мельница".into())]);
        assert_eq!(names(&mill), [None, Some("Office".into())]);
        assert_eq!(Homes::beside(&Layout::new(&mill)).name(), Some("Мельница"));
        assert_eq!(Homes::beside(&Layout::new(&first)).name(), None);
    }

    #[test]
    fn a_home_that_stands_elsewhere_has_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let [elsewhere, other] = ["elsewhere", "homes/Office"].map(|it| dir.path().join(it));
        for home in [&elsewhere, &other] {
            made(home);
        }
        assert_eq!(names(&elsewhere), []);
        assert!(!Homes::beside(&Layout::new(elsewhere)).can_grow());
    }

    #[test]
    fn only_what_every_system_takes_as_a_folder_is_a_name() {
        let homes = Homes::beside(&Layout::new("/a/home"));
        assert_eq!(homes.place(" ООО Ромашка-2 "), Some(PathBuf::from("/a/homes/ООО Ромашка-2")));
        for name in ["", "  ", "..", "a/b", "a\\b", ".hidden", "CON", "lpt1", "a:b", &"a".repeat(41)] {
            assert_eq!(homes.place(name), None, "{name:?}");
        }
    }

    #[test]
    fn the_other_window_is_this_program_on_that_home() {
        let command = command(Path::new("/usr/bin/artel"), Path::new("/a/homes/-x y"));
        assert_eq!(command.get_program(), "/usr/bin/artel");
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["--home", "/a/homes/-x y"]);
    }
}
