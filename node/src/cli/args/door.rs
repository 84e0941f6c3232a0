//! Founding, inviting, joining.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::client::Request;

/// `org …`
#[derive(Debug, Subcommand)]
pub enum OrgCommand {
    /// Founds an organisation; this device becomes its first, its person the owner.
    ///
    /// Shows 24 words once and asks three of them back: they are the root of the organisation, on no device, and help when all
    /// administrators are lost. JSON: {name, email, phrase_file}.
    Create(FoundArgs),
    /// Makes a person an owner by the 24 words, when all administrators are lost.
    Recover {
        /// File with the 24 words.
        #[arg(long, value_name = "F")]
        phrase_file: PathBuf,
        /// Mail address of the person; the person of this device if absent.
        #[arg(long, value_name = "E")]
        email: Option<String>,
    },
    /// Puts new 24 words in the place of the present ones, which count no longer.
    RotateRoot {
        /// File with the 24 words that count now.
        #[arg(long, value_name = "F")]
        phrase_file: PathBuf,
        /// New file for the new words.
        #[arg(long, value_name = "F")]
        new_phrase_file: PathBuf,
    },
}

/// `org create`
#[derive(Debug, Args)]
pub struct FoundArgs {
    /// Name of the organisation.
    #[arg(long, value_name = "N")]
    pub name: String,
    /// Your name.
    #[arg(long, value_name = "P")]
    pub person: String,
    /// Your mail address.
    #[arg(long, value_name = "E")]
    pub email: String,
    /// Mail domain of the organisation; only addresses in it can be invited.
    #[arg(long, value_name = "D")]
    pub domain: String,
    /// Write the 24 words into this new file instead of showing them and asking them back.
    #[arg(long, value_name = "F")]
    pub phrase_file: Option<PathBuf>,
}

/// `invite …`
#[derive(Debug, Args)]
pub struct InviteArgs {
    /// What to do with invitations that exist.
    #[command(subcommand)]
    pub command: Option<InviteCommand>,
    /// The new invitation.
    #[command(flatten)]
    pub flags: InviteFlags,
}

/// `invite --email …`
#[derive(Debug, Args)]
pub struct InviteFlags {
    /// Mail address of the person.
    #[arg(long, value_name = "E", required = true)]
    pub email: Option<String>,
    /// Name of the person.
    #[arg(long, value_name = "N", required = true)]
    pub name: Option<String>,
    /// Role: admin, registrar, member or guest; member if absent.
    #[arg(long, value_name = "R")]
    pub role: Option<String>,
    /// Team that the person joins.
    #[arg(long, value_name = "T")]
    pub team: Option<String>,
    /// Let the holder of the code in without approval by hand.
    #[arg(long)]
    pub auto_admit: bool,
    /// For a guest: last day of the visit; then a device of an administrator removes the guest.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
    /// For a guest: public channels to read; you must be in them yourself.
    #[arg(long, value_name = "CHANNEL,CHANNEL", value_delimiter = ',')]
    pub spaces: Vec<String>,
    /// Split the code: one half is shown for you to hand over, the other is to be sent by mail.
    #[arg(long)]
    pub mail_code: bool,
    /// Days that the code is good, 1 to 7; 3 if absent.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u8).range(1..=7))]
    pub expires: Option<u8>,
}

/// `invite list`, `invite cancel`
#[derive(Debug, Subcommand)]
pub enum InviteCommand {
    /// Lists invitations.
    ///
    /// JSON: {id, email, name, role, expires, state}; state is open, used, cancelled or expired.
    List,
    /// Withdraws an invitation.
    Cancel {
        /// Its id or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
    },
}

impl InviteArgs {
    /// What is asked of the node.
    pub fn request(self) -> Request {
        let flags = self.flags;
        match self.command {
            Some(InviteCommand::List) => Request::InviteList,
            Some(InviteCommand::Cancel { id }) => Request::InviteCancel { id },
            None if flags.role.as_deref() == Some("guest") => Request::InviteGuest {
                email: flags.email.unwrap_or_default(),
                name: flags.name.unwrap_or_default(),
                until: flags.until,
                spaces: flags.spaces,
                auto_admit: flags.auto_admit,
                mail_code: flags.mail_code,
                expires: flags.expires,
            },
            // Both are there when no subcommand is: they are required.
            None => Request::Invite {
                email: flags.email.unwrap_or_default(),
                name: flags.name.unwrap_or_default(),
                role: flags.role,
                team: flags.team,
                auto_admit: flags.auto_admit,
                mail_code: flags.mail_code,
                expires: flags.expires,
            },
        }
    }
}

/// `join`
#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The code of the invitation.
    #[arg(value_name = "CODE")]
    pub code: String,
    /// Address of a colleague's node, where the network does not carry multicast.
    #[arg(long, value_name = "HOST:PORT")]
    pub at: Option<String>,
    /// Name of this device as colleagues see it; the name of this computer if absent.
    #[arg(long, value_name = "DEVICE")]
    pub name: Option<String>,
    /// The half of the code that came by mail.
    #[arg(long, value_name = "CODE")]
    pub mail_code: Option<String>,
    /// Seconds to wait for the office and for approval.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}

/// `approve`, `refuse`
#[derive(Debug, Args)]
pub struct WaitingId {
    /// Id that pending shows, or the beginning of it.
    #[arg(value_name = "ID")]
    pub id: String,
}
