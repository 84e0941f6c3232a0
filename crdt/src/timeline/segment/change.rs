//! From a step to an Automerge change: pure arithmetic, so that every replica makes the same bytes.

use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjType, ReadDoc, ScalarValue};

use crate::limits::BLOCK_RECORDS_MAX;

use super::DocId;

/// Key of the map of blocks.
pub(super) const RECORDS: &str = "records";
/// What the file is, for whoever opens it elsewhere.
const FORMAT: &str = "artel/segment/1";
/// Operations of the genesis: `format`, `doc`, `records`.
const GENESIS_OPS: u64 = 3;

/// A document with the genesis and these changes; `None` if Automerge refuses or panics, or keeps one waiting.
pub(super) fn document(id: &DocId, changes: Vec<Change>) -> Option<Automerge> {
    let mut all = vec![genesis(id)];
    all.extend(changes);
    // The actor is never written with: all changes are given. It is set because Automerge draws a random one.
    let mut document = Automerge::new().with_actor(ActorId::from(id.0));
    catch_unwind(AssertUnwindSafe(|| document.apply_changes(all).is_ok().then_some(document)))
        .ok()
        .flatten()
        .filter(|it| it.get_missing_deps(&[]).is_empty())
}

/// The first change of a document, which its id alone determines.
fn genesis(id: &DocId) -> Change {
    let put = |key: &str, action| op(action, ObjectId::Root, Key::from(key), false);
    let operations = vec![
        put("format", OpType::Put(ScalarValue::Str(FORMAT.into()))),
        put("doc", OpType::Put(ScalarValue::Bytes(id.0.to_vec()))),
        put(RECORDS, OpType::Make(ObjType::Map)),
    ];
    assemble(ActorId::from(id.0), 0, 1, Vec::new(), operations)
}

/// The change for the step with this number (from 0) of an actor: it puts one byte string at the end of the actor's
/// newest block, after beginning that block where the last one is full. `previous` is the change before it.
pub(super) fn change(
    id: &DocId,
    actor: &ActorId,
    number: u64,
    previous: Option<ChangeHash>,
    record: Vec<u8>,
) -> Change {
    let block = number / BLOCK_RECORDS_MAX;
    let begins = number.is_multiple_of(BLOCK_RECORDS_MAX);
    // Every step before took one operation, every block before one more; a step that begins a block takes two.
    let start = GENESIS_OPS + 1 + number + number.div_ceil(BLOCK_RECORDS_MAX);
    let list = GENESIS_OPS + 1 + block * BLOCK_RECORDS_MAX + block;
    let mut operations = Vec::with_capacity(2);
    if begins {
        let key = format!("{actor}/{block}");
        let records = ObjectId::Id(OpId(GENESIS_OPS, ActorId::from(id.0)));
        operations.push(op(OpType::Make(ObjType::List), records, Key::from(key.as_str()), false));
    }
    let after = if begins { ElementId::Head } else { ElementId::Id(OpId(start.saturating_sub(1), actor.clone())) };
    let list = ObjectId::Id(OpId(list, actor.clone()));
    operations.push(op(OpType::Put(ScalarValue::Bytes(record)), list, Key::Seq(after), true));
    let before = previous.unwrap_or_else(|| genesis(id).hash());
    assemble(actor.clone(), number, start, vec![before], operations)
}

/// A change with a counter of operations that no number of a step leads to, for tests.
#[cfg(test)]
pub(super) fn starting_at(
    id: &DocId,
    actor: &ActorId,
    (number, start): (u64, u64),
    previous: Option<ChangeHash>,
    record: Vec<u8>,
) -> Change {
    let records = ObjectId::Id(OpId(GENESIS_OPS, ActorId::from(id.0)));
    let operation = op(OpType::Put(ScalarValue::Bytes(record)), records, Key::from("hostile"), false);
    assemble(actor.clone(), number, start, vec![previous.unwrap_or_else(|| genesis(id).hash())], vec![operation])
}

fn op(action: OpType, obj: ObjectId, key: Key, insert: bool) -> Op {
    Op { action, obj, key, pred: Vec::new().into(), insert }
}

fn assemble(actor_id: ActorId, number: u64, start: u64, deps: Vec<ChangeHash>, operations: Vec<Op>) -> Change {
    Change::from(ExpandedChange {
        operations,
        actor_id,
        hash: None,
        seq: number + 1,
        start_op: NonZeroU64::MIN.saturating_add(start.saturating_sub(1)),
        time: 0,
        message: None,
        deps,
        extra_bytes: Vec::new(),
        author: None,
    })
}
