//! The tree of commands. One file per group; the doc comment of a command is its page of the manual.

#![allow(rustdoc::broken_intra_doc_links, reason = "the manual shows lists of JSON as `[field]`, which are no links")]

mod channel;
mod door;
mod file;
mod history;
mod machine;
mod message;
mod state;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use channel::{ChannelCommand, ChannelKind, History, NewChannel, Switch, TeamCommand};
pub use door::{FoundArgs, InviteArgs, InviteCommand, InviteFlags, JoinArgs, OrgCommand, WaitingId};
pub use file::{FileCommand, FileGetArgs, FileSendArgs};
pub use history::{MarkArgs, Place, ReadArgs, SearchArgs, TailArgs};
pub use machine::{BackupArgs, CertCommand, DemoArgs, PasswordArgs, RestoreArgs, RunArgs};
pub use message::{EditArgs, Letter, PinArgs, ReactArgs, RetractArgs, SendArgs};
pub use state::{
    ArchiveCommand, ConfigCommand, DebugCommand, DeviceCommand, PersonCommand, PolicyCommand, Reason, RoleArgs,
};

/// Artel without a window: a messenger for an organisation that needs no server.
///
/// Every desktop of the organisation is a node: it keeps the channels it belongs to and exchanges them with the others over
/// encrypted links. This program is such a node for machines without a screen, for scripts and for people who help others.
///
/// While a node or the window of Artel runs on a home, every other command on the same home is answered by it. With none
/// running the command opens the home itself: reading works, and what is written leaves when a node runs again.
#[derive(Debug, Parser)]
#[command(name = "artel-node", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Directory of the home.
    ///
    /// Everything of one organisation on this device lies in it. Without it ARTEL_HOME counts, without that the user's data
    /// directory.
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub home: Option<PathBuf>,
    /// File whose first line is the password.
    ///
    /// Without it ARTEL_PASSWORD_FILE counts, without that the password is asked for on the terminal.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub password_file: Option<PathBuf>,
    /// Key file, where the home opens with a password and a file.
    ///
    /// 64 random bytes, best on a stick that is not left in the computer. Without it ARTEL_KEY_FILE counts. `org create`, `join`
    /// and `password` make it if it is not there.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub key_file: Option<PathBuf>,
    /// Print JSON, one object a line.
    ///
    /// Standard output then carries nothing else; what is meant for people goes to standard error.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Founds an organisation.
    #[command(subcommand)]
    Org(OrgCommand),
    /// Invites a person, lists invitations, withdraws one.
    ///
    /// Needs the right to invite: administrators and registrars have it. The code works once and for three days, or as
    /// --expires says; it is tied to the mail address, which must lie in one of the organisation's domains. JSON: {code,
    /// mail_code, id, expires}; mail_code only with --mail-code.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Invite(InviteArgs),
    /// Enters an organisation with a code.
    ///
    /// Looks for the office in this network, shows five words that must be equal on the administrator's screen, and waits until
    /// the device is let in. Ends with 6 when the time is over and with 7 when the device is turned away. JSON, a line for every
    /// change: {words, device, state}; state is searching, waiting, admitted or refused.
    Join(JoinArgs),
    /// Lists who waits to be let in.
    ///
    /// JSON: {id, email, device, words}. Compare the words by telephone before you approve.
    Pending,
    /// Lets a waiting device in.
    Approve(WaitingId),
    /// Turns a waiting device away.
    Refuse(WaitingId),
    /// Runs the node until SIGINT or SIGTERM.
    ///
    /// Finds colleagues, exchanges what is missing and answers the other commands on this home. JSON, one line when ready:
    /// {listening, device, organisation}. A clean stop tells connected colleagues.
    Run(RunArgs),
    /// Creates teams and says who is in them.
    #[command(subcommand)]
    Team(TeamCommand),
    /// Creates channels and says who is in them.
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Sends a message.
    ///
    /// Returns when the message is safe on this disk; the text says whether it could leave at once. With no node running it
    /// leaves when one runs again. If the disk is full nothing is written, the exit code is 8 and the text is given back on
    /// standard error. JSON: {id, channel, state, connected}.
    #[command(override_usage = "artel-node send [OPTIONS] <CHANNEL|@EMAIL|SPACE-ID> <TEXT|->\n       \
                                artel-node send [OPTIONS] --to <EMAIL,EMAIL> <TEXT|->")]
    Send(SendArgs),
    /// Sends files, fetches and removes them.
    #[command(subcommand)]
    File(FileCommand),
    /// Replaces the text of an own message.
    ///
    /// JSON: {id, channel, state, connected}.
    Edit(EditArgs),
    /// Deletes a message for everybody.
    ///
    /// It disappears from every screen at once; its bytes are erased by every honest holder after seven days. JSON: {id,
    /// channel, state, connected}.
    Retract(RetractArgs),
    /// Adds a reaction to a message, or takes it away.
    React(ReactArgs),
    /// Pins a message, or takes the pin off.
    Pin(PinArgs),
    /// Reads the newest messages of a channel.
    ///
    /// The oldest of them comes first. JSON: {id, channel, name, author, email, sent, text, state, held, read, edited, thread,
    /// reactions, pinned, ahead, files}; state is queued, held, read, vouched, retracted, hidden, forgotten or newer; files is a list of {id, name,
    /// size, media, width, height, thumbnail, state}, where state is here or remote.
    Read(ReadArgs),
    /// Shows messages as they come.
    ///
    /// Runs until it is interrupted. The fields are those of read.
    Tail(TailArgs),
    /// Counts what is unread.
    ///
    /// JSON: {id, channel, first, unread, mentions, threads: [{root, replies}]}; first is the id of the first unread message.
    Unread,
    /// Searches in all messages that this device can read.
    ///
    /// Knows the word forms of Russian and English. Operators, in English or in Russian: from: (от:) who, in: (в:) where, before: (до:), after: (после:) and on: (за:) a day, has: (есть:) file, link, picture, reaction, is: (это:) pinned, saved, thread, edited, mine. A day is 2026-11-23, 23.11.2026, 2026-11, today, yesterday, week, month. Operators without words list the newest. The fields are those of read.
    Search(SearchArgs),
    /// Marks a channel as read.
    Mark(MarkArgs),
    /// Lists people, removes one.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Lists devices, revokes one.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Gives a person another role.
    ///
    /// Nobody gives more than he has. Owners are made by owners and unmade by the 24 words alone.
    Role(RoleArgs),
    /// Shows and changes the policy of the organisation.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Lists everything that administrators did.
    ///
    /// JSON: {id, at, who, device, role, authority, what, about, outcome, why}; id is the signed entry, authority the act that
    /// gave the role; outcome is valid, void or waits.
    Audit,
    /// Opens archives.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Shows the whole state of this node.
    ///
    /// JSON: {organisation, name, device, person, email, listening, peers: [{device, person, name, address, via, rtt_ms}],
    /// spaces: [{id, kind, name, entries, digest: {heads, rows: [{epoch, hash}]}}], queued, refused: {cause: count}, alarms:
    /// [{kind, device, person, space}], store: {state, lost: [id], bytes, syncs}, clock: {now, offset_ms}, discovery: [{name,
    /// state}]}. Two devices whose digests are equal hold and show the same.
    Status,
    /// Checks everything that can be checked from here.
    ///
    /// Ends with 1 when something is wrong. JSON: {level, check, detail, fact}; level is ok, warning or error.
    Doctor,
    /// Copies the home, sealed as it is, into one file.
    ///
    /// The copy opens with the same password and holds what the home holds. JSON: {file, bytes}.
    Backup(BackupArgs),
    /// Makes a home from a backup.
    ///
    /// The home must be empty. The restored device continues where colleagues have seen it last, not where the backup ends.
    Restore(RestoreArgs),
    /// Exports the certificate of this device, renews it.
    #[command(subcommand)]
    Cert(CertCommand),
    /// Changes the password of this home, or the key file that goes with it.
    ///
    /// No node may run on the home. Older copies of the home still open with what opened them.
    Password(PasswordArgs),
    /// Locks a running node: messages and their keys leave its memory.
    ///
    /// It goes on storing and forwarding what others send, sealed.
    Lock,
    /// Opens a running node that is locked.
    Unlock,
    /// Shows settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Looks inside, for people who develop.
    #[command(subcommand)]
    Debug(DebugCommand),
    /// Lets three nodes hold a short conversation on this machine.
    ///
    /// Founds an organisation, invites two people, sends messages between three real nodes in homes of their own, and prints
    /// what happens with its timings. Fails with a sentence when the network is missing.
    Demo(DemoArgs),
}
