//! Links to a message: `artel://m/SPACE/MESSAGE`. They name, they give no right: who is not in the space sees nothing. And
//! invitations, `artel://join/…`, by themselves or in a file.

use artel_node::node::Invitation;

/// What stands before them.
pub(crate) const MESSAGE: &str = "artel://m/";

/// A message and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) channel: String,
    pub(crate) id: String,
}

/// The link to a message.
pub(crate) fn to(channel: &str, id: &str) -> String {
    format!("{MESSAGE}{channel}/{id}")
}

/// Reads a link; nothing but ids is taken.
pub(crate) fn read(text: &str) -> Option<Link> {
    let (channel, id) = text.trim().strip_prefix(MESSAGE)?.split_once('/')?;
    let plain = |it: &str| (8..=80).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric());
    (plain(channel) && plain(id)).then(|| Link { channel: channel.to_owned(), id: id.to_owned() })
}

/// The invitation in a text, wherever in it the link stands.
pub(crate) fn invitation(text: &str) -> Option<Invitation> {
    text.split_whitespace().find_map(Invitation::read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_found_in_the_text_of_a_file() {
        let link = "artel://join/0000-0";
        assert_eq!(invitation(&format!("Open it with Artel:\n\n{link}\n")), None, "a code that is none");
        assert_eq!(invitation("nothing of the kind"), None);
    }

    #[test]
    fn a_link_comes_back_and_nothing_else_is_one() {
        let link = Link { channel: "0123456789ab".into(), id: "zyxwvuts".into() };
        assert_eq!(read(&to(&link.channel, &link.id)), Some(link));
        for bad in
            ["artel://m/", "artel://m/a/b", "https://m/0123456789/01234567", "artel://m/01234567/../../etc/passwd"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
