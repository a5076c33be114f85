// Telling an event that was already seen from a new one.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Repeats } from "../../www/js/tidings/repeats.js"

const event = (event_id, conversation_id, seq, type = "chat_message") => ({ type, event_id, conversation_id, seq })

function seen({ event_id = 10, conversations = [], unread = [] } = {}) {
  const repeats = new Repeats()
  repeats.startFrom({ event_id, conversations, unread })
  return repeats
}

test("an event is new once", () => {
  const repeats = seen()
  assert.equal(repeats.has(event(11, 7, 1)), false)
  assert.equal(repeats.has(event(11, 7, 1)), true)
  assert.equal(repeats.cursor, 11)
})

test("holes in seq and event_id are no repeats", () => {
  const repeats = seen()
  assert.equal(repeats.has(event(20, 7, 5)), false)
  assert.equal(repeats.has(event(31, 7, 9)), false)
  assert.equal(repeats.has(event(40, 8, 1)), false)
})

test("what the start covers is a repeat, even under a later event_id", () => {
  const repeats = seen({
    conversations: [{ conversation_id: 7, event_seq: 5 }],
    unread: [{ conversation_id: 9, event_seq: 3 }],
  })
  assert.equal(repeats.has(event(11, 7, 5)), true)
  assert.equal(repeats.has(event(12, 9, 3)), true)
  assert.equal(repeats.has(event(13, 7, 6)), false)
})

test("the same seq under a later event_id is a repeat", () => {
  const repeats = seen()
  repeats.has(event(11, 7, 1))
  assert.equal(repeats.has(event(50, 7, 1)), true)
  assert.equal(repeats.cursor, 50)
})

test("a stored event without seq is told by its event_id", () => {
  const repeats = seen()
  assert.equal(repeats.has({ type: "conversation_refresh", event_id: 11, conversation_id: 7 }), false)
  assert.equal(repeats.has({ type: "conversation_refresh", event_id: 11, conversation_id: 7 }), true)
})

test("what is of the moment is never a repeat", () => {
  const repeats = seen()
  assert.equal(repeats.has({ type: "typing", conversation_id: 7 }), false)
  assert.equal(repeats.has({ type: "typing", conversation_id: 7 }), false)
})

test("what was derived from a repeat is one too", () => {
  const repeats = seen()
  const count = { type: "notification_count_update", conversation_id: 7 }
  repeats.has(event(11, 7, 1))
  assert.equal(repeats.has(count), false)
  repeats.has(event(11, 7, 1))
  assert.equal(repeats.has(count), true)
  assert.equal(repeats.has({ type: "notification", data: { conversation_id: 7 } }), true)
  assert.equal(repeats.has({ type: "notification_count_update", conversation_id: 8 }), false)
  repeats.has(event(12, 7, 2))
  assert.equal(repeats.has(count), false)
})
