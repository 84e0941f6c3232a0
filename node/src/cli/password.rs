//! Where the password comes from: a file, or the terminal.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Context;
use super::args::PasswordArgs;
use super::output::Output;
use super::stop::Outcome;
use crate::client::{Error, ErrorKind, Result};
use crate::home::read_at_most;
use crate::text::{Door, Lang};
use crate::vault::Credentials;

/// Environment variable that names the password file.
pub(super) const PASSWORD_FILE_VARIABLE: &str = "ARTEL_PASSWORD_FILE";

/// Environment variable that names the key file.
pub(super) const KEY_FILE_VARIABLE: &str = "ARTEL_KEY_FILE";

/// Longest password file, bytes: four times the longest password, for what stands behind the first line.
const FILE_BYTES_MAX: u64 = 4 * 1024;

/// What opens a home that exists.
pub(super) fn existing(context: &Context) -> Result<Credentials> {
    Ok(Credentials::new(&typed(context)?, key_file(context)?))
}

/// The password of a home that exists.
pub(super) fn typed(context: &Context) -> Result<Zeroizing<String>> {
    match file_of(context) {
        Some(file) => first_line(&file),
        None => prompt(context.output.lang(), &Door::AskPassword),
    }
}

/// The key file that was named, as others can find it.
pub(super) fn key_file(context: &Context) -> Result<Option<PathBuf>> {
    let set = || std::env::var_os(KEY_FILE_VARIABLE).filter(|it| !it.is_empty()).map(PathBuf::from);
    let file = context.key_file.clone().or_else(set);
    file.map(std::path::absolute).transpose().map_err(super::stop::file)
}

/// What is to open a home that is to be made. `names` are what colleagues would try first. On a terminal the password is
/// asked for until it is good and typed equally twice.
pub(super) fn new(context: &Context, names: &[&str]) -> Result<Credentials> {
    chosen(context.output.lang(), file_of(context), key_file(context)?, names)
}

/// A new password out of a file or from the terminal, with the key file that goes with it.
fn chosen(lang: Lang, file: Option<PathBuf>, key_file: Option<PathBuf>, names: &[&str]) -> Result<Credentials> {
    if let Some(file) = file {
        let credentials = Credentials::new(&first_line(&file)?, key_file);
        return match flaws(lang, &credentials, names) {
            None => Ok(credentials),
            Some(why) => Err(Error::new(ErrorKind::WeakPassword, why)),
        };
    }
    loop {
        let typed = prompt(lang, &Door::AskNewPassword)?;
        let credentials = Credentials::new(&typed, key_file.clone());
        if let Some(why) = flaws(lang, &credentials, names) {
            Output::talk(&lang.error(&Error::new(ErrorKind::WeakPassword, why)));
            continue;
        }
        match *prompt(lang, &Door::AskPasswordAgain)? == *typed {
            true => return Ok(credentials),
            false => Output::talk(&lang.door(&Door::PasswordsDiffer)),
        }
    }
}

/// `password`: other credentials for a home on which no node runs.
pub(super) async fn change(context: &Context, args: PasswordArgs) -> Outcome {
    let old = existing(context)?;
    let key_file = match args.new_key_file {
        _ if args.without_key_file => None,
        Some(file) => Some(std::path::absolute(file).map_err(super::stop::file)?),
        None => key_file(context)?,
    };
    let new = chosen(context.output.lang(), args.new_password_file, key_file, &[])?;
    Ok(crate::node::change_password(context.layout.clone(), old, new).await?)
}

fn flaws(lang: Lang, credentials: &Credentials, names: &[&str]) -> Option<String> {
    let flaws = credentials.check(names).err()?;
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
