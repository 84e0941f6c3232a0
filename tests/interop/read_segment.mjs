// Opens an exported segment with the Automerge of JavaScript, without any code of Artel, and compares it with what the
// program says it wrote.
//
//     npm install --no-save @automerge/automerge@3.5.0 && node read_segment.mjs FOLDER    (of `conversation`)
//
// The document is {format, doc, records: {"hex(actor)/block": [bytes, ...]}}; every record is a CBOR array of nine whose sixth item is
// the id of its entry. Exits with 1 and a sentence if anything is not as it should be.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Installed beside the working directory, not beside this file.
const automerge = createRequire(join(process.cwd(), "x.js"))("@automerge/automerge");

const BLOCK_RECORDS_MAX = 128;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Crockford base32 as Artel writes it. */
function base32(bytes) {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  bits = bits.padEnd(Math.ceil(bits.length / 5) * 5, "0");
  return bits.replace(/.{5}/g, (five) => ALPHABET[parseInt(five, 2)]);
}

/** Reads one CBOR item: integers, byte strings, arrays. */
function item(bytes, at) {
  const [major, short] = [bytes[at] >> 5, bytes[at] & 31];
  const width = short < 24 ? 0 : 1 << (short - 24);
  assert(short < 28, "an indefinite length");
  let value = BigInt(short);
  if (width > 0) value = bytes.slice(at + 1, at + 1 + width).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let next = at + 1 + width;
  if (major === 0) return [value, next];
  if (major === 2) return [bytes.slice(next, next + Number(value)), next + Number(value)];
  assert.equal(major, 4, "an unexpected type");
  const list = [];
  for (let left = value; left > 0n; left--) {
    const [read, behind] = item(bytes, next);
    list.push(read);
    next = behind;
  }
  return [list, next];
}

function lines(file) {
  return readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
}

const folder = process.argv[2];
const document = automerge.load(new Uint8Array(readFileSync(join(folder, "segment"))));
assert.deepEqual(Object.keys(document).sort(), ["doc", "format", "records"]);
assert.equal(String(document.format), "artel/segment/1");
assert.equal(document.doc.length, 16);

const found = new Map();
let blocks = 0;
for (const [key, list] of Object.entries(document.records)) {
  assert.match(key, /^[0-9a-f]{32}\/\d+$/);
  assert(list.length > 0 && list.length <= BLOCK_RECORDS_MAX, `block ${key} has ${list.length} records`);
  blocks += 1;
  for (const bytes of list) {
    const [record, end] = item(bytes, 0);
    assert.equal(end, bytes.length);
    assert.equal(record.length, 9);
    found.set(base32(record[5]), record);
  }
}

const ids = (name) => lines(join(folder, name)).map((line) => line.id);
const [written, noted, rows] = [ids("written"), ids("noted"), ids("rows")];
assert.equal(new Set(rows).size, rows.length);
assert.deepEqual([...rows].sort(), [...written].sort(), "`read` shows other rows than were written");
assert.deepEqual([...found.keys()].sort(), [...rows, ...noted].sort(), "the document has other records");
assert.equal(automerge.getAllChanges(document).length, rows.length + noted.length + 1, "one change a record, one genesis");
assert(blocks > 1, "the conversation is too short to need two blocks");
console.log(`${found.size} records in ${blocks} blocks: ${rows.length} rows and ${noted.length} notes about them`);
