// Compares what was acknowledged, what the database holds and what each
// reader ended up with, and knows nothing of how any of it came about.
//
//   const report = check({ sent, acknowledged, stored, readers })
//   assert.deepEqual(report.counts, WELL, report.text)
//
//   sent           [{client_id, conversation_id, message}]: all that was tried
//   acknowledged   [{client_id, conversation_id, message_id, no}]
//   stored         {conversations: [{conversation_id, last_no, event_seq}],
//                   messages: [{message_id, conversation_id, no, seq, client_id, message}],
//                   events: [{event_id, type, conversation_id, seq, user_id, message_id, no}],
//                   head}: event_id is null while an event has none
//   readers        [{name, user_id, conversations: Set, since,
//                   connections: [[event, ...], ...], resyncs}]: the stored
//                   events as they came, connection by connection
//
// It finds what is
//   lost         acknowledged and not stored; stored and never heard
//   invented     stored and never sent; heard and not so stored, or by
//                somebody who may not
//   twice        stored, stamped or, repeats dropped, heard more than once
//   disordered   against event_id on a connection or seq in a conversation
//   gap          in seq or no

export const KINDS = ["lost", "invented", "twice", "disordered", "gap"]
export const WELL = Object.freeze(Object.fromEntries(KINDS.map((kind) => [kind, 0])))

class Findings {
  list = []

  add(kind, where, what) {
    this.list.push({ kind, where, what })
  }

  // For one place: (kind, what) => add.
  at(where) {
    return (kind, what) => this.add(kind, where, what)
  }
}

// An event's name, which it keeps whatever connection it comes on: repeats
// are told by it.  Without a seq it is idempotent, and has its event_id alone.
const nameOf = ({ conversation_id, seq, event_id }) => (seq ? `${conversation_id}:${seq}` : `#${event_id}`)

const groupBy = (items, key) => {
  const groups = new Map()
  for (const item of items) {
    const group = groups.get(item[key])
    if (group) group.push(item)
    else groups.set(item[key], [item])
  }
  return groups
}

// The first of each.
const indexBy = (items, key) => new Map([...items].reverse().map((item) => [item[key], item]))

// Numbers that must be 1, 2, 3 ... up to last.
function checkNumbers(find, label, numbers, last) {
  const seen = new Set()
  for (const number of numbers) {
    if (seen.has(number)) find("twice", `${label} ${number}`)
    if (!(number >= 1 && number <= last)) find("invented", `${label} ${number} of ${last}`)
    seen.add(number)
  }
  for (let number = 1; number <= last; number++) if (!seen.has(number)) find("gap", `${label} ${number} of ${last}`)
}

function checkAcknowledged(find, acknowledged, messages) {
  const answers = new Map()
  for (const { client_id, conversation_id, message_id, no } of acknowledged) {
    const stored = messages.get(client_id)
    if (!stored) find("lost", `${client_id} was acknowledged and is not stored`)
    else if (stored.message_id !== message_id || stored.conversation_id !== conversation_id || stored.no !== no)
      find("invented", `${client_id} was acknowledged as message ${message_id}, no ${no}, and is stored as ` +
        `${stored.message_id}, no ${stored.no}, of conversation ${stored.conversation_id}`)
    if ((answers.get(client_id) ?? message_id) !== message_id)
      find("twice", `${client_id} was acknowledged as two messages`)
    answers.set(client_id, message_id)
  }
}

function checkMessages(find, sent, messages) {
  const tried = indexBy(sent, "client_id")
  const seen = new Set()
  for (const { client_id, conversation_id, message } of messages) {
    const original = tried.get(client_id)
    if (!original) find("invented", `${client_id} is stored and was never sent`)
    else if (original.conversation_id !== conversation_id || original.message !== message)
      find("invented", `${client_id} is not stored as it was sent`)
    if (seen.has(client_id)) find("twice", `${client_id} is stored again`)
    seen.add(client_id)
  }
}

// Every message has one chat_message event, with the message's numbers.
function checkAnnouncements(find, { messages, events }) {
  const announcements = groupBy(events.filter(({ type }) => type === "chat_message"), "message_id")
  for (const { message_id, conversation_id, no, seq } of messages) {
    const [event, ...more] = announcements.get(message_id) ?? []
    announcements.delete(message_id)
    if (!event) find("lost", `message ${message_id} has no event`)
    else if (event.conversation_id !== conversation_id || event.no !== no || event.seq !== seq)
      find("invented", `the event of message ${message_id} has other numbers`)
    for (const _ of more) find("twice", `message ${message_id} has a further event`)
  }
  for (const message_id of announcements.keys())
    find("invented", `there is an event of message ${message_id}, and no message`)
}

function checkPositions(find, { events, head }) {
  const taken = new Set()
  for (const event of events) {
    const { event_id } = event
    if (event_id === null) find("lost", `${nameOf(event)} has no event_id`)
    else if (taken.has(event_id)) find("twice", `event_id ${event_id}`)
    else if (event_id > head) find("disordered", `event_id ${event_id} is above the head, ${head}`)
    taken.add(event_id)
  }
}

// event_id and seq ascend together.
function checkDirection(find, events) {
  const bySeq = [...events].sort((a, b) => a.seq - b.seq)
  let before = null
  for (const event of bySeq) {
    if (event.event_id === null) continue
    if (before && event.event_id < before.event_id)
      find("disordered",
        `seq ${before.seq} has event_id ${before.event_id}, and seq ${event.seq} has ${event.event_id}`)
    before = event
  }
}

function checkDatabase(findings, { sent, acknowledged, stored }) {
  const find = findings.at("database")
  checkAcknowledged(find, acknowledged, indexBy(stored.messages, "client_id"))
  checkMessages(find, sent, stored.messages)
  checkAnnouncements(find, stored)
  checkPositions(find, stored)
  const messages = groupBy(stored.messages, "conversation_id")
  const events = groupBy(stored.events.filter(({ seq }) => seq), "conversation_id")
  for (const { conversation_id, last_no, event_seq } of stored.conversations) {
    const findHere = findings.at(`conversation ${conversation_id} in the database`)
    const itsEvents = events.get(conversation_id) ?? []
    checkNumbers(findHere, "no", (messages.get(conversation_id) ?? []).map(({ no }) => no), last_no)
    checkNumbers(findHere, "seq", itsEvents.map(({ seq }) => seq), event_seq)
    checkDirection(findHere, itsEvents)
  }
}

// What push promises of one connection.
function checkConnection(find, events) {
  let cursor = 0
  const highest = new Map()
  for (const event of events) {
    const { event_id, conversation_id, seq } = event
    if (event_id <= cursor) find("disordered", `event_id ${event_id} came after ${cursor}`)
    cursor = event_id
    if (!seq) continue
    const before = highest.get(conversation_id) ?? 0
    if (seq <= before) find("disordered", `seq ${seq} of conversation ${conversation_id} came after ${before}`)
    highest.set(conversation_id, seq)
  }
}

// What is left of all connections once repeats are dropped, in order.
function withoutRepeats(connections) {
  const kept = new Map()
  for (const event of connections.flat()) {
    const name = nameOf(event)
    if (!kept.has(name)) kept.set(name, event)
  }
  return kept
}

const WHAT_IT_SAYS = ["type", "conversation_id", "message_id", "no"]

function checkHeard(find, event, stored, texts) {
  const name = nameOf(event)
  if (!stored) {
    find("invented", `${name} is not for it to hear, or nowhere stored`)
    return
  }
  if (event.event_id !== stored.event_id)
    find("twice", `${name} came as event_id ${event.event_id} and is ${stored.event_id}`)
  const wrong = WHAT_IT_SAYS.filter((field) => (event[field] ?? null) !== (stored[field] ?? null))
  if (event.type === "chat_message" && event.message !== texts.get(event.message_id)) wrong.push("message")
  if (wrong.length > 0) find("invented", `${name} came with another ${wrong.join(", ")} than is stored`)
}

function checkReader(findings, reader, stored, texts) {
  const { name, user_id, conversations, since, connections, resyncs = 0 } = reader
  const find = findings.at(name)
  const isFor = (event) => (event.user_id ? event.user_id === user_id : conversations.has(event.conversation_id))
  const audible = new Map(stored.events.filter(isFor).map((event) => [nameOf(event), event]))
  const kept = withoutRepeats(connections)
  const highest = new Map()
  const messages = new Set()

  if (resyncs > 0) find("lost", `it was told to load anew ${resyncs} times`)
  for (const [index, connection] of connections.entries())
    checkConnection(findings.at(`${name}, connection ${index + 1} of ${connections.length}`), connection)
  for (const event of kept.values()) {
    checkHeard(find, event, audible.get(nameOf(event)), texts)
    if (event.type === "chat_message") {
      if (messages.has(event.message_id)) find("twice", `message ${event.message_id}`)
      messages.add(event.message_id)
    }
    if (!event.seq) continue
    const before = highest.get(event.conversation_id) ?? 0
    if (event.seq < before)
      find("disordered", `seq ${event.seq} of conversation ${event.conversation_id} was kept after ${before}`)
    else highest.set(event.conversation_id, event.seq)
  }
  for (const [eventName, event] of audible)
    if (!kept.has(eventName) && (event.event_id === null || event.event_id > since))
      find("lost", `${eventName} (${event.type}, event_id ${event.event_id}) never came`)
}

// The first few findings of each kind, for people.
function describe(list, counts) {
  const lines = [KINDS.map((kind) => `${kind} ${counts[kind]}`).join(", ")]
  for (const kind of KINDS)
    for (const { where, what } of list.filter((finding) => finding.kind === kind).slice(0, 5))
      lines.push(`  ${kind}: ${where}: ${what}`)
  return lines.join("\n")
}

export function check({ sent, acknowledged, stored, readers }) {
  const findings = new Findings()
  const texts = new Map(stored.messages.map(({ message_id, message }) => [message_id, message]))
  checkDatabase(findings, { sent, acknowledged, stored })
  for (const reader of readers) checkReader(findings, reader, stored, texts)
  const counts = { ...WELL }
  for (const { kind } of findings.list) counts[kind]++
  return { counts, findings: findings.list, text: describe(findings.list, counts) }
}
