// PouchDB beside us: the contacts of an OX server as documents, replicated from and to express-pouchdb on disk.
//
// node pouch.js serve FOLDER PORT              the server; prints "listening"
// node pouch.js measure OX_URL PORT FOLDER     fills the server with the contacts of anna:secret at OX_URL, then prints
//                                              {"items", "pull", "push", "idle", "bytes"}: seconds, and bytes of a document
'use strict';
const path = require('path');
const PouchDB = require('pouchdb');

const kBatch = 1000;
const kIdleRuns = 21;

function serve(folder, port) {
  const OnDisk = PouchDB.defaults({prefix: folder + path.sep});
  const app = require('express')();
  app.use('/', require('express-pouchdb')(OnDisk, {logPath: path.join(folder, 'log.txt'), mode: 'minimumForPouchDB'}));
  app.listen(Number(port), '127.0.0.1', () => console.log('listening'));
}

async function json(url, options) {
  const answer = await fetch(url, options);
  return answer.json();
}

// Every field that a contact has, under its column's number.
async function contactsOf(base) {
  const login = await fetch(base + '/login?action=login', {
    method: 'POST',
    headers: {'Content-Type': 'application/x-www-form-urlencoded'},
    body: 'name=anna&password=secret&client=peers',
  });
  const cookie = login.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ');
  const session = (await login.json()).session;
  const ask = (what) => json(`${base}${what}&session=${session}`, {headers: {Cookie: cookie}});
  const folder = (await ask('/config/folder/contacts?')).data;
  const columns = [1, 5, 20, 100, 101];
  for (let column = 500; column <= 623; ++column) columns.push(column);
  const answer = await ask(`/contacts?action=all&folder=${folder}&columns=${columns.join(',')}`);
  if (!Array.isArray(answer.data)) throw new Error('the contacts cannot be read: ' + JSON.stringify(answer).slice(0, 200));
  return answer.data.map((row) => {
    const contact = {_id: 'contact-' + row[0]};
    row.forEach((value, at) => {
      if (value !== null && value !== '') contact[columns[at]] = value;
    });
    return contact;
  });
}

async function timed(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

// With the batches that suit it best; its usual ones of 100 are slower.
const replicate = (from, to) => PouchDB.replicate(from, to, {batch_size: kBatch, batches_limit: 10});

async function inBatches(documents, put) {
  for (let at = 0; at < documents.length; at += kBatch) await put(documents.slice(at, at + kBatch));
}

async function measure(ox, port, folder) {
  const remote = new PouchDB(`http://127.0.0.1:${port}/contacts`);
  const contacts = await contactsOf(ox);
  await inBatches(contacts, (some) => remote.bulkDocs(some));
  const local = new PouchDB(path.join(folder, 'local'));
  const pull = await timed(() => replicate(remote, local));
  if ((await local.info()).doc_count !== contacts.length) throw new Error('not all documents came');
  const rows = (await local.allDocs({include_docs: true})).rows;
  const edited = rows.map((row, number) => ({...row.doc, 519: 'R ' + number}));
  await inBatches(edited, (some) => local.bulkDocs(some));
  const push = await timed(() => replicate(local, remote));
  const idle = [];
  for (let run = 0; run < kIdleRuns; ++run) idle.push(await timed(() => PouchDB.sync(local, remote)));
  idle.sort((a, b) => a - b);
  const bytes = contacts.reduce((sum, contact) => sum + JSON.stringify(contact).length, 0) / contacts.length;
  console.log(JSON.stringify({items: contacts.length, pull, push, idle: idle[idle.length >> 1], bytes}));
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'serve') {
  serve(...rest);
} else {
  measure(...rest).then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      });
}
