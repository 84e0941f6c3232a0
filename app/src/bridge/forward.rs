//! Passing a message on with its files: each is fetched, then sent anew to the other place, sealed for those who read there.

use std::path::PathBuf;

use artel_node::client::{Attach, Error, ErrorKind, Reply, Request, Result};
use artel_node::node::Client;

/// Sends `text` and the files, id and name each. They lie unsealed in a folder of their own inside `folder` meanwhile, which is
/// removed in any case.
///
/// # Errors
/// What fetching or sending says; nothing is sent then.
pub(super) async fn forward(
    client: &Client,
    (to, text): (String, String),
    files: Vec<(String, String)>,
    folder: PathBuf,
) -> Result<Reply> {
    let folder = tempfile::Builder::new().prefix(".forward-").tempdir_in(folder);
    let folder = folder.map_err(|error| Error::new(ErrorKind::File, error.to_string()))?;
    let mut attached = Vec::new();
    for (number, (id, name)) in files.into_iter().enumerate() {
        let path = folder.path().join(number.to_string()).display().to_string();
        last(client, Request::FileGet { id, out: Some(path.clone()) }).await?;
        attached.push(Attach { path, name: Some(name) });
    }
    let words = Some(text).filter(|it| !it.is_empty());
    last(client, Request::FileSend { to, people: Vec::new(), files: attached, text: words, reply_to: None }).await
}

/// The last answer to a request.
async fn last(client: &Client, request: Request) -> Result<Reply> {
    let mut answers = client.stream(request).await?;
    let mut last = Err(Error::new(ErrorKind::Internal, "the node has stopped"));
    while let Some(answer) = answers.recv().await {
        last = answer;
    }
    last
}
