// The checker: silent on what is well, and one finding for each harm.
import assert from "node:assert/strict"
import { test } from "node:test"
import { check, KINDS, WELL } from "./checker.mjs"

const ROOM = 7
const COUNT = 6

const numbers = Array.from({ length: COUNT }, (_, index) => index + 1)
const client_id = (no) => `writer-${no}`

// Six messages in one conversation, and a reader that was cut off once and
// then heard two of them again.
function evidence() {
  const event = (no) => ({
    event_id: 10 * no, type: "chat_message", conversation_id: ROOM, seq: no, user_id: null, message_id: 100 + no, no,
  })
  const heard = (no) => ({ ...event(no), message: `text ${no}` })
  return {
    sent: numbers.map((no) => ({ client_id: client_id(no), conversation_id: ROOM, message: `text ${no}` })),
    acknowledged: numbers.map((no) => ({ client_id: client_id(no), conversation_id: ROOM, message_id: 100 + no, no })),
    stored: {
      conversations: [{ conversation_id: ROOM, last_no: COUNT, event_seq: COUNT }],
      messages: numbers.map((no) => ({
        message_id: 100 + no, conversation_id: ROOM, no, seq: no, client_id: client_id(no), message: `text ${no}`,
      })),
      events: numbers.map(event),
      head: 10 * COUNT,
    },
    readers: [{
      name: "reader", user_id: 3, conversations: new Set([ROOM]), since: 0,
      connections: [[1, 2, 3, 4].map(heard), [3, 4, 5, 6].map(heard)],
    }],
  }
}

// The counts that are not 0 once harm was done to the evidence.
function found(harm) {
  const all = evidence()
  harm(all, all.stored, all.readers[0].connections)
  const { counts } = check(all)
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

const remove = (list, index) => list.splice(index, 1)
const swap = (list, a, b) => ([list[a], list[b]] = [list[b], list[a]])

test("all is well when a cut reader heard some of it again", () => {
  assert.deepEqual(check(evidence()).counts, WELL)
})

test("a reader hears nothing that was before its start, and need not", () => {
  assert.deepEqual(found((all, _, connections) => {
    all.readers[0].since = 20
    remove(connections[0], 0)
    remove(connections[0], 0)
  }), {})
})

test("what was sent and never acknowledged may be stored or not", () => {
  assert.deepEqual(found((all) => {
    all.acknowledged.pop()
    all.sent.push({ client_id: "writer-7", conversation_id: ROOM, message: "in vain" })
  }), {})
})

test("an acknowledged message that is not stored is lost", () => {
  assert.deepEqual(found((all) => {
    all.sent.push({ client_id: "writer-7", conversation_id: ROOM, message: "text 7" })
    all.acknowledged.push({ client_id: "writer-7", conversation_id: ROOM, message_id: 107, no: 7 })
  }), { lost: 1 })
})

test("a message whose event was never written is lost", () => {
  assert.deepEqual(found((_, stored, connections) => {
    stored.events.pop()
    stored.conversations[0].event_seq--
    connections[1].pop()
  }), { lost: 1 })
})

test("an event without a position is lost, even to a reader that was told of it", () => {
  assert.deepEqual(found((_, stored) => (stored.events[5].event_id = null)), { lost: 1, twice: 1 })
})

test("an event that a reader never heard is lost", () => {
  assert.deepEqual(found((_, __, connections) => remove(connections[0], 1)), { lost: 1 })
})

test("a reader that is told to load anew has lost something", () => {
  assert.deepEqual(found((all) => (all.readers[0].resyncs = 1)), { lost: 1 })
})

test("a stored message that nobody sent is invented", () => {
  assert.deepEqual(found((all) => {
    all.sent.pop()
    all.acknowledged.pop()
  }), { invented: 1 })
})

test("a message stored with another text is invented, and so is what is heard of it", () => {
  assert.deepEqual(found((_, stored) => (stored.messages[2].message = "other")), { invented: 2 })
})

test("an event that is nowhere stored is invented", () => {
  assert.deepEqual(found((_, __, connections) =>
    connections[1].push({ ...connections[1][3], event_id: 70, seq: 7, message_id: 107, no: 7 })), { invented: 1 })
})

test("an event for somebody else is invented", () => {
  assert.deepEqual(found((_, stored) => (stored.events[1].user_id = 4)), { invented: 1 })
})

test("an acknowledgement that names another message is invented", () => {
  assert.deepEqual(found((all) => (all.acknowledged[0].message_id = 999)), { invented: 1 })
})

test("a message stored again under another number is twice", () => {
  assert.deepEqual(found((_, stored, connections) => {
    stored.messages.push({ ...stored.messages[0], message_id: 107, no: 7, seq: 7 })
    stored.events.push({ ...stored.events[0], event_id: 70, seq: 7, message_id: 107, no: 7 })
    stored.conversations[0] = { conversation_id: ROOM, last_no: 7, event_seq: 7 }
    stored.head = 70
    connections[1].push({ ...stored.events[6], message: "text 1" })
  }), { twice: 1 })
})

test("two events with one position are twice", () => {
  assert.deepEqual(found((_, stored, connections) => {
    stored.events[5].event_id = 50
    connections[1][3].event_id = 50
  }), { twice: 1, disordered: 1 })
})

test("an event that came under two positions was stamped twice", () => {
  assert.deepEqual(found((_, stored, connections) => {
    connections[0].splice(2)
    connections[1][0].event_id = 25
  }), { twice: 1 })
})

test("a message heard under two names is twice", () => {
  assert.equal(found((_, __, connections) => (connections[1][3].message_id = 105)).twice, 1)
})

test("an event that comes late is disordered, on a connection and to whoever drops repeats", () => {
  assert.deepEqual(found((_, __, connections) => {
    connections.pop()
    connections[0] = evidence().readers[0].connections.flat().slice(-4)
    connections[0].unshift(...evidence().readers[0].connections[0].slice(0, 2))
    swap(connections[0], 3, 4)
  }), { disordered: 3 })
})

test("positions against the direction of seq are disordered, whoever heard them", () => {
  assert.deepEqual(found((all, stored) => {
    all.readers.pop()
    const first = stored.events[2].event_id
    stored.events[2].event_id = stored.events[3].event_id
    stored.events[3].event_id = first
  }), { disordered: 1 })
})

test("a position above the head is disordered", () => {
  assert.deepEqual(found((_, stored) => (stored.head = 59)), { disordered: 1 })
})

test("a number that is left out is a gap", () => {
  assert.deepEqual(found((_, stored) => {
    stored.conversations[0].last_no++
    stored.conversations[0].event_seq++
  }), { gap: 2 })
})

test("the report names the place and the first few of each kind", () => {
  const all = evidence()
  all.readers[0].connections[0].shift()
  const { text, findings } = check(all)
  assert.equal(findings.length, 1)
  assert.match(text, /^lost 1, invented 0, twice 0, disordered 0, gap 0\n {2}lost: reader: 7:1 /)
  assert.equal(KINDS.length, 5)
})
