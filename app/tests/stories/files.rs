//! Files from window to window: attached, seen, saved, lost on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{Color32, ColorImage, Event, Key, Modifiers};

use crate::stage::Stage;

/// A picture that does not compress to nothing.
pub(crate) fn picture(path: &Path, width: u32, height: u32) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).expect("a file"), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> =
        (0..width * height).flat_map(|at| [(at % 251) as u8, (at / 7 % 241) as u8, (at / width) as u8]).collect();
    encoder.write_header().expect("a head").write_image_data(&pixels).expect("pixels");
}

fn attach(stage: &mut Stage, path: &Path) {
    stage.click("Attach a file");
    stage.write("Path of the file", path.to_str().expect("a path"));
    stage.press(Key::Enter);
    stage.see(&format!("Attached {}", path.file_name().expect("a name").to_str().expect("text")));
}

fn save(stage: &mut Stage, name: &str, to: &Path) {
    stage.click(&format!("More about {name}"));
    stage.click("Save as…");
    stage.replace("Path of the file", to.to_str().expect("a path"));
    stage.press(Key::Enter);
    stage.see_part("Saved: ");
}

fn paths(dir: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let (report, photo, broken) = (dir.join("report.pdf"), dir.join("photo.png"), dir.join("broken.png"));
    std::fs::write(&report, vec![7; 300_000]).expect("written");
    picture(&photo, 640, 400);
    std::fs::write(&broken, b"\x89PNG\r\n\x1a\n and nothing more").expect("written");
    (report, photo, broken)
}

#[test]
fn a_file_and_a_picture_go_to_a_colleague_who_looks_at_them_and_saves() {
    let dir = tempfile::tempdir().expect("a directory");
    let (report, photo, broken) = paths(dir.path());
    let (mut anna, mut boris) = Stage::pair(&[]);
    attach(&mut anna, &report);
    anna.say("Message to general", "The report");
    anna.see("Anna: The report");
    anna.see("Open report.pdf");
    // Let fall on the window, two at once; one of them is no picture in truth.
    anna.drop_files(&[&photo, &broken]);
    anna.see("Attached photo.png");
    anna.click("Do not attach broken.png");
    anna.gone("Attached broken.png");
    anna.drop_files(&[&broken]);
    anna.click("Send");
    boris.see("Open report.pdf");
    boris.see("Picture photo.png, see it large");
    // What cannot be decoded is a card like others.
    boris.see("Open broken.png");
    save(&mut boris, "report.pdf", &dir.path().join("got.pdf"));
    assert_eq!(std::fs::read(dir.path().join("got.pdf")).expect("saved"), vec![7; 300_000]);
    // The picture by keys: seen, left, saved.
    boris.click("Picture photo.png, see it large");
    boris.see("Picture viewer");
    boris.see("photo.png");
    boris.press(Key::Plus);
    boris.press(Key::Escape);
    boris.gone("Picture viewer");
    save(&mut boris, "photo.png", &dir.path().join("got.png"));
    assert_eq!(std::fs::read(dir.path().join("got.png")).expect("saved"), std::fs::read(&photo).expect("sent"));
    // Nothing is overwritten.
    boris.click("More about photo.png");
    boris.click("Save as…");
    boris.replace("Path of the file", dir.path().join("got.png").to_str().expect("a path"));
    boris.press(Key::Enter);
    boris.see_part("got.png: ");
    boris.click("More about report.pdf");
    boris.click("Remove from this computer");
    boris.see_part("removed from this computer");
}

#[test]
fn a_gif_is_a_picture_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("dot.gif");
    // One white point, as the smallest GIF there is says it.
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00".to_vec();
    gif.extend(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b");
    std::fs::write(&path, gif).expect("written");
    let mut anna = Stage::office("en");
    anna.click_part("общий");
    anna.drop_files(&[&path]);
    anna.see("Attached dot.gif");
    anna.press(Key::Enter);
    anna.see("Picture dot.gif, see it large");
}

#[test]
fn what_is_in_the_clipboard_goes_as_a_picture() {
    let mut anna = Stage::office("en");
    anna.click_part("общий");
    anna.focus_field("Message to общий");
    let image = ColorImage::filled([120, 90], Color32::RED);
    anna.event(Event::PasteImage(Arc::new(image)));
    anna.see("Attached Snapshot.png");
    anna.press(Key::Enter);
    anna.see("Picture Snapshot.png, see it large");
    anna.gone("Attached Snapshot.png");
}

#[test]
fn a_file_that_vanishes_is_told_by_name_and_the_text_comes_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let (report, ..) = paths(dir.path());
    let mut anna = Stage::office("en");
    anna.click_part("общий");
    anna.press_with(Modifiers::COMMAND, Key::U);
    anna.write("Path of the file", report.to_str().expect("a path"));
    anna.press(Key::Enter);
    anna.see("Attached report.pdf");
    std::fs::remove_file(&report).expect("removed");
    anna.say("Message to общий", "Look at this");
    anna.see_part("report.pdf: ");
    anna.gone("Attached report.pdf");
    assert_eq!(anna.value("Message to общий"), "Look at this");
    // A path that leads nowhere, and one to a folder.
    for (path, said) in [(&report, "There is no such file"), (&dir.path().to_path_buf(), "A folder cannot")] {
        anna.click("Attach a file");
        anna.write("Path of the file", path.to_str().expect("a path"));
        anna.press(Key::Enter);
        anna.see_part(said);
    }
}

#[test]
fn a_file_that_nobody_has_waits_and_can_be_stopped() {
    let dir = tempfile::tempdir().expect("a directory");
    let plan = dir.path().join("plan.zip");
    std::fs::write(&plan, vec![3; 3_000_000]).expect("written");
    let (mut anna, mut boris) = Stage::pair(&[]);
    attach(&mut anna, &plan);
    anna.click("Send");
    boris.see("Open plan.zip");
    anna.leave();
    boris.see_part("Nobody else is on");
    boris.click("Save plan.zip");
    boris.see_part("Waits for somebody who has it");
    boris.click("Stop: plan.zip");
    boris.see("Save plan.zip");
    boris.rest(Duration::from_millis(200));
}
