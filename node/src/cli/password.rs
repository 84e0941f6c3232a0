//! Where the password comes from: a file, or the terminal.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Context;
use super::output::Output;
use crate::client::{Error, ErrorKind, Result};
use crate::home::read_at_most;
use crate::text::{Door, Lang};
use crate::vault::{Strength, check_password};

/// Environment variable that names the password file.
pub(super) const PASSWORD_FILE_VARIABLE: &str = "ARTEL_PASSWORD_FILE";

/// Longest password file, bytes: four times the longest password, for what stands behind the first line.
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// The password of a home that exists.
pub(super) fn existing(context: &Context) -> Result<Zeroizing<String>> {
    match file_of(context) {
        Some(file) => first_line(&file),
        None => prompt(context.output.lang(), &Door::AskPassword),
    }
}

/// The password of a home that is to be made. `names` are what colleagues would try first. On a terminal it is asked for
/// until it is good and typed equally twice.
pub(super) fn new(context: &Context, names: &[&str]) -> Result<Zeroizing<String>> {
    let lang = context.output.lang();
    if let Some(file) = file_of(context) {
        let typed = first_line(&file)?;
        return match flaws(lang, &typed, names) {
            None => Ok(typed),
            Some(why) => Err(Error::new(ErrorKind::WeakPassword, why)),
        };
    }
    loop {
        let typed = prompt(lang, &Door::AskNewPassword)?;
        if let Some(why) = flaws(lang, &typed, names) {
            Output::talk(&lang.error(&Error::new(ErrorKind::WeakPassword, why)));
            continue;
        }
        match *prompt(lang, &Door::AskPasswordAgain)? == *typed {
            true => return Ok(typed),
            false => Output::talk(&lang.door(&Door::PasswordsDiffer)),
        }
    }
}

fn flaws(lang: Lang, typed: &str, names: &[&str]) -> Option<String> {
    let flaws = check_password(typed, names, Strength::Alone).err()?;
    let sentences: Vec<_> = flaws.into_iter().map(|it| lang.door(&Door::PasswordFlaw(it))).collect();
    Some(sentences.join("; "))
}

fn file_of(context: &Context) -> Option<PathBuf> {
    let set = || std::env::var_os(PASSWORD_FILE_VARIABLE).filter(|it| !it.is_empty()).map(PathBuf::from);
    context.password_file.clone().or_else(set)
}

/// The first line without its end; blanks belong to the password.
fn first_line(file: &Path) -> Result<Zeroizing<String>> {
    let trouble = |why: String| Error::new(ErrorKind::File, format!("{}: {why}", file.display()));
    let bytes = Zeroizing::new(read_at_most(file, FILE_BYTES_MAX).map_err(|error| trouble(error.to_string()))?);
    let text = str::from_utf8(&bytes).map_err(|error| trouble(error.to_string()))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Zeroizing::new(line.to_owned())),
        _ => Err(Error::new(ErrorKind::NoPassword, file.display().to_string())),
    }
}

/// Asks on the terminal itself, so that it works while standard input is a pipe.
fn prompt(lang: Lang, question: &Door<'_>) -> Result<Zeroizing<String>> {
    rpassword::prompt_password(lang.door(question)).map(Zeroizing::new).map_err(|_| ErrorKind::NoPassword.into())
}
