//! Names that try to do harm.

use super::*;

#[test]
fn names_of_others_stay_one_part_of_a_path() {
    for (name, expected) in [
        ("отчёт.pdf", "отчёт.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\evil.dll", "evil.dll"),
        ("/", "file"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("a/..", "file"),
        (".bashrc", "_.bashrc"),
        ("name. . .", "name"),
        ("...", "file"),
        ("what?<is>|this*.txt", "what__is__this_.txt"),
        ("line\nbreak\0.txt", "linebreak.txt"),
        ("  spaces  .txt ", "spaces  .txt"),
    ] {
        assert_eq!(written(name), expected, "{name:?}");
    }
}

#[test]
fn names_of_devices_are_not_written() {
    for name in ["CON", "con.txt", "Nul.tar.gz", "COM1", "lpt9.doc", "COM¹.txt", "aux ", "CONIN$"] {
        assert_eq!(written(name), format!("_{}", name.trim()), "{name}");
    }
    for name in ["CONTRACT.txt", "COM10", "console", "LPT.txt"] {
        assert_eq!(written(name), name);
    }
}

#[test]
fn a_name_cannot_pretend_another_ending() {
    assert_eq!(shown("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
    assert_eq!(written("\u{200f}a\u{2066}b\u{feff}.exe\u{200b}"), "ab.exe");
    assert_eq!(shown("\u{202e}\u{200b}"), "file");
}

#[test]
fn long_names_keep_their_ending() {
    let long = format!("{}.pdf", "ж".repeat(252));
    let cut = written(&long);
    assert!(cut.len() <= 230 && cut.ends_with("ж.pdf"), "{cut}");
    assert!(written(&"x".repeat(4_000)).len() <= 230);
    assert!(written(&format!("a.{}", "ю".repeat(300))).len() <= 230);
    assert_eq!(numbered("архив.tar.gz", 2), "архив.tar (2).gz");
    assert_eq!(numbered("README", 1), "README (1)");
}

#[test]
fn what_is_made_safe_once_is_safe() {
    for name in
        ["..\\..", "CON.", ".. .", "a\u{202e}/..:", "nul\u{200b}", " .con", "COM1 .x", "._.", "x".repeat(500).as_str()]
    {
        let once = written(name);
        assert_eq!(written(&once), once, "{name:?}");
        assert!(!once.is_empty() && !once.contains(['/', '\\', ':']), "{once:?}");
    }
}
