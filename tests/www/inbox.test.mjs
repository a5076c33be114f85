// The list of conversations and its counts, computed from events.
import assert from "node:assert/strict"
import { test } from "node:test"
import * as inbox from "../../www/js/tidings/inbox.js"

const ME = 1
const ADA = 2

const conversation = (fields = {}) => ({
  conversation_id: 7,
  kind: "direct",
  title: null,
  members: [{ user_id: ME, name: "Me", online: true }, { user_id: ADA, name: "Ada", online: true }],
  last_message: null,
  last_message_at: null,
  last_no: 0,
  read_no: 0,
  delivered_no: 0,
  unread_count: 0,
  event_seq: 0,
  created_at: "2026-11-20T08:00:00.000Z",
  ...fields,
})

const start = (...conversations) => inbox.fromStart({
  me: { id: ME, name: "Me" },
  conversations,
  next: null,
  unread: conversations
    .filter(({ unread_count }) => unread_count)
    .map(({ conversation_id, unread_count, event_seq }) => ({ conversation_id, unread_count, event_seq })),
})

const said = (seq, no, sender_id, fields = {}) => ({
  type: "chat_message",
  event_id: seq,
  seq,
  conversation_id: 7,
  message_id: 100 + no,
  no,
  message: `message ${no}`,
  sender_id,
  timestamp: `2026-11-20T08:00:${String(no).padStart(2, "0")}.000Z`,
  ...fields,
})

const read = (seq, up_to, user_id) => ({ type: "message_read", event_id: seq, seq, conversation_id: 7, user_id, up_to })

const count = (fields) => ({ type: "notification_count_update", conversation_id: 7, ...fields })

const play = (state, ...events) => events.reduce(inbox.apply, state)

const unread = (state, id = 7) => state.conversations.get(id).unread_count

test("another's message counts, one's own reads everything", () => {
  const after = play(start(conversation()), said(1, 1, ADA), said(2, 2, ADA))
  assert.equal(unread(after), 2)
  assert.equal(inbox.totalUnread(after), 2)
  assert.equal(unread(play(after, said(3, 3, ME))), 0)
})

test("a state is not changed in place", () => {
  const before = start(conversation())
  play(before, said(1, 1, ADA))
  assert.equal(unread(before), 0)
})

test("reading takes the count to what the notifier then tells", () => {
  const after = play(start(conversation()), said(1, 1, ADA), said(2, 2, ADA), said(3, 3, ADA), read(4, 2, ME),
    count({ trigger: "message_read", last_no: 3, read_no: 2, unread_count: 1 }))
  assert.equal(unread(after), 1)
  assert.equal(unread(play(after, said(5, 4, ADA))), 2)
})

test("the count that comes with a message changes nothing by itself", () => {
  const after = play(start(conversation()), said(1, 1, ADA), count({ trigger: "new_message", last_no: 1 }))
  assert.equal(unread(after), 1)
})

test("another's reading moves their mark and no count", () => {
  const after = play(start(conversation()), said(1, 1, ME), said(2, 2, ADA), said(3, 3, ME), read(4, 3, ADA))
  assert.equal(unread(after), 0)
  assert.deepEqual(after.conversations.get(7).marks.get(ADA), { delivered: 3, read: 3 })
})

test("receiving is not reading, and a mark never moves back", () => {
  const delivered = { type: "message_delivered", event_id: 2, seq: 2, conversation_id: 7, user_id: ADA, up_to: 5 }
  const after = play(start(conversation()), read(1, 3, ADA), delivered, read(3, 2, ADA))
  assert.deepEqual(after.conversations.get(7).marks.get(ADA), { delivered: 5, read: 3 })
})

test("whoever writes has read what was before", () => {
  const after = play(start(conversation()), said(1, 1, ME), said(2, 2, ADA))
  assert.equal(after.conversations.get(7).marks.get(ADA).read, 2)
})

test("an event that the state covers is not counted, nor is the count derived from it", () => {
  const state = start(conversation({ last_no: 3, unread_count: 3, event_seq: 5 }))
  const after = play(state, said(3, 2, ADA), read(4, 1, ME), count({ trigger: "message_read", read_no: 1, unread_count: 2 }))
  assert.equal(unread(after), 3)
  assert.equal(after.conversations.get(7).event_seq, 5)
  assert.equal(unread(play(after, said(6, 4, ADA))), 4)
})

test("a message to an unknown conversation counts before the conversation is fetched, and once after", () => {
  const partly = play(start(), said(1, 1, ADA))
  assert.equal(inbox.totalUnread(partly), 1)
  assert.equal(inbox.listed(partly).length, 0)
  assert.equal(inbox.needsLoading(partly, said(1, 1, ADA)), 7)

  const whole = inbox.mergeConversation(partly, conversation({ last_no: 2, unread_count: 2, event_seq: 2 }))
  assert.equal(inbox.totalUnread(play(whole, said(2, 2, ADA))), 2)
  assert.equal(inbox.needsLoading(whole, said(2, 2, ADA)), null)
})

test("a conversation fetched before the last event doesn't take the count back", () => {
  const ahead = play(start(), said(1, 1, ADA), said(2, 2, ADA))
  const merged = inbox.mergeConversation(ahead, conversation({ last_no: 1, unread_count: 1, event_seq: 1 }))
  assert.equal(unread(merged), 2)
  assert.equal(merged.conversations.get(7).last_message.no, 2)
})

test("marking as unread comes with the conversation fetched anew, at the same event", () => {
  const state = play(start(conversation()), said(1, 1, ADA), said(2, 2, ADA), read(3, 2, ME))
  const after = inbox.mergeConversation(state, conversation({ last_no: 2, read_no: 0, unread_count: 2, event_seq: 3 }))
  assert.equal(unread(after), 2)
})

test("one's own message, known from the answer, is not counted again by its event", () => {
  const answered = inbox.sent(start(conversation()), said(0, 2, ME))
  assert.equal(answered.conversations.get(7).last_no, 2)
  const after = play(answered, said(1, 1, ADA), said(2, 2, ME), said(3, 3, ADA))
  assert.equal(unread(after), 1)
})

test("unread conversations beyond the first page are in the total", () => {
  const state = inbox.fromStart({
    me: { id: ME }, conversations: [conversation()], next: "/api/v1/conversations?cursor=x",
    unread: [{ conversation_id: 99, unread_count: 4, event_seq: 9 }],
  })
  assert.equal(inbox.totalUnread(state), 4)
  assert.deepEqual(inbox.listed(state).map(({ conversation_id }) => conversation_id), [7])
})

test("the newest activity is first", () => {
  const state = start(
    conversation({ conversation_id: 7, last_message_at: "2026-11-20T09:00:00.000Z" }),
    conversation({ conversation_id: 8, last_message_at: "2026-11-20T08:30:00.000Z" }))
  const order = (of) => inbox.listed(of).map(({ conversation_id }) => conversation_id)
  assert.deepEqual(order(state), [7, 8])
  const later = { ...said(1, 1, ADA), conversation_id: 8, timestamp: "2026-11-20T10:00:00.000Z" }
  assert.deepEqual(order(play(state, later)), [8, 7])
})

test("an edited or deleted last message shows as it is now, an older one changes nothing", () => {
  const state = play(start(conversation()), said(1, 1, ADA), said(2, 2, ADA))
  const last = (of) => of.conversations.get(7).last_message
  assert.equal(last(play(state, said(3, 2, ADA, { type: "message_edited", message: "better" }))).message, "better")
  assert.equal(last(play(state, said(3, 2, ADA, { type: "message_deleted", message: null }))).message, null)
  assert.equal(last(play(state, said(3, 1, ADA, { type: "message_edited", message: "better" }))).message, "message 2")
  assert.equal(unread(play(state, said(3, 2, ADA, { type: "message_edited" }))), 2)
})

test("a removed conversation goes, and its count with it", () => {
  const state = play(start(conversation()), said(1, 1, ADA))
  const gone = inbox.apply(state, { type: "conversation_refresh", event_id: 2, conversation_id: 7, reason: "removed" })
  assert.equal(inbox.totalUnread(gone), 0)
  assert.equal(inbox.listed(gone).length, 0)
})

test("who is online is told at the start, by the stream, and by what changes", () => {
  const state = start(conversation())
  assert.ok(state.online.has(ADA))
  const after = play(state, { type: "presence_state", online: [ADA, 3] }, { type: "presence", user_id: ADA, online: false })
  assert.deepEqual([...after.online], [3])
})

test("a new name shows wherever its bearer is a member", () => {
  const after = play(start(conversation()), { type: "user_updated", event_id: 1, id: ADA, username: "ada", name: "Ada L." })
  assert.equal(after.conversations.get(7).members[1].name, "Ada L.")
})

test("an unknown type of event changes nothing but the place in the sequence", () => {
  const state = start(conversation())
  assert.equal(play(state, { type: "new_thing", event_id: 1 }), state)
  const after = play(state, { type: "new_thing", event_id: 1, seq: 1, conversation_id: 7 })
  assert.equal(after.conversations.get(7).event_seq, 1)
})
