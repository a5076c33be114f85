// What a stream begins with, goes on with, and how it is resumed.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openers, openSse, openWs } from "./streams.mjs"

let site, ada, bob, eve, talk

before(async () => {
  site = await startSite({ direct: true })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

const say = async (message, person = ada) => {
  const { status, body } = await person.post(`/conversations/${talk}/messages`, { message })
  assert.equal(status, 201)
  return body
}

// Where the log ends, once all that was written has its position.
async function head() {
  await until(async () => !(await site.sql("SELECT 1 FROM events WHERE pos IS NULL LIMIT 1")).length, "positions")
  return Number((await site.sql("SELECT head FROM event_counter"))[0][0])
}

// The same over both transports.
function both(name, run) {
  for (const transport of ["sse", "ws"]) test(`${name} (${transport})`, () => run(openers[transport]))
}

both("hello comes first, then who is online", async (open) => {
  const end = await head()
  const stream = await open(site.url, bob)
  await stream.next("presence_state")
  const [hello, presence] = stream.events
  const { user_id, event_id, resumed, heartbeat, total_unread } = hello
  assert.deepEqual(
    { type: hello.type, user_id, event_id, resumed, heartbeat },
    { type: "hello", user_id: bob.id, event_id: end, resumed: false, heartbeat: 25 },
  )
  assert.equal(total_unread, (await bob.get("/me/unread")).body.total)
  assert.equal(presence.type, "presence_state")
  stream.close()
})

both("a message arrives as the answer to it said, with count and notification", async (open) => {
  const stream = await open(site.url, bob)
  const sender = await open(site.url, ada)
  await Promise.all([stream.next("presence_state"), sender.next("presence_state")])
  const sent = await say("with all that belongs to it")
  const event = await stream.next("chat_message")
  await stream.next("notification")
  const { type, event_id, seq, is_new_conversation, ...message } = event
  const { is_new_conversation: _, ...answered } = sent
  assert.deepEqual(message, answered)
  assert.deepEqual([typeof event_id, typeof seq, is_new_conversation], ["number", "number", false])
  assert.deepEqual(stream.events.slice(-3).map((one) => one.type), ["chat_message", "notification_count_update", "notification"])
  const count = stream.of("notification_count_update").at(-1)
  assert.deepEqual([count.trigger, count.conversation_id, count.last_no], ["new_message", talk, sent.no])
  const notification = stream.of("notification").at(-1)
  assert.deepEqual([notification.notification_type, notification.data.message_text], ["new_message", "with all that belongs to it"])
  await sender.next("chat_message")
  await say("and one more, so that something comes after it")
  await sender.next((one) => one.message?.startsWith("and one more"))
  assert.deepEqual(sender.of("notification"), [])
  assert.deepEqual(sender.of("notification_count_update"), [])
  stream.close()
  sender.close()
})

both("reading tells the others, and the count to oneself", async (open) => {
  const [mine, theirs] = [await open(site.url, bob), await open(site.url, ada)]
  await Promise.all([mine.next("presence_state"), theirs.next("presence_state")])
  const { no } = await say("to be read")
  await bob.post(`/conversations/${talk}/read`, { up_to: no })
  const count = await mine.next((one) => one.trigger === "message_read")
  assert.deepEqual([count.read_no, count.unread_count, count.last_no], [no, 0, no])
  const read = await theirs.next("message_read")
  assert.deepEqual([read.user_id, read.up_to, read.conversation_id], [bob.id, no, talk])
  assert.deepEqual(theirs.of("notification_count_update"), [])
  mine.close()
  theirs.close()
})

both("resuming misses nothing and repeats nothing", async (open) => {
  const first = await open(site.url, bob)
  await first.next("presence_state")
  await say("before the break")
  const last = await first.next((one) => one.message === "before the break")
  first.close()
  for (let i = 0; i < 450; i++) await say(`missed ${i}`)
  await head()
  const second = await open(site.url, bob, `?since=${last.event_id}`)
  await second.next((one) => one.message === "missed 449")
  await say("after the break")
  await second.next((one) => one.message === "after the break")
  const [hello] = second.events
  assert.deepEqual([hello.resumed, hello.event_id], [true, last.event_id])
  assert.deepEqual(second.messages, [...Array.from({ length: 450 }, (_, i) => `missed ${i}`), "after the break"])
  const ids = second.events.slice(2).filter((one) => one.event_id).map((one) => one.event_id)
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b))
  assert.equal(second.of("notification_count_update").length, 451)
  assert.equal(second.of("notification").length, 1)
  second.close()
})

both("messages that arrive during a replay are neither lost nor repeated", async (open) => {
  const since = await head()
  let writing = true
  let sent = 0
  const writers = Array.from({ length: 4 }, async () => {
    while (writing) await say(`busy ${sent++}`)
  })
  const streams = []
  for (let i = 0; i < 20; i++) streams.push(await open(site.url, bob, `?since=${since}`))
  writing = false
  await Promise.all(writers)
  const end = await say("end of the crowd")
  for (const stream of streams) {
    await stream.next((one) => one.message_id === end.message_id)
    const seqs = stream.of("chat_message").map((one) => one.seq)
    assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, i) => seqs[0] + i))
    assert.equal(stream.messages.length, sent + 1)
    stream.close()
  }
})

both("a cursor from nowhere is told to load anew", async (open) => {
  const since = (await head()) + 1000
  const stream = await open(site.url, bob, `?since=${since}`)
  const resync = await stream.next("resync")
  assert.equal(resync.event_id, stream.events[0].event_id)
  assert.equal(stream.events[0].resumed, false)
  await say("after the resync")
  await stream.next((one) => one.message === "after the resync")
  stream.close()
})

test("Last-Event-ID goes before since", async () => {
  const since = await head()
  await say("one")
  const id = await head()
  const stream = await openSse(site.url, bob, `?since=${since}`, { "last-event-id": String(id) })
  const hello = await stream.next("hello")
  assert.deepEqual([hello.event_id, hello.resumed], [id, true])
  stream.close()
})

test("an SSE event has its id and type, and what is of the moment has no id", async () => {
  const stream = await openSse(site.url, bob)
  await stream.next("presence_state")
  await say("framed")
  await stream.next("notification")
  for (const event of stream.events) {
    assert.equal(event.sse.event, event.type)
    assert.equal(event.sse.id, event.event_id?.toString())
  }
  stream.close()
})

both("a stream can be narrowed to some types", async (open) => {
  const since = await head()
  await say("left out")
  const stream = await open(site.url, bob, `?since=${since}&types=notification_count_update,message_read`)
  await stream.next("notification_count_update")
  await say("left out too")
  const { no } = await say("and this")
  await bob.post(`/conversations/${talk}/read`, { up_to: no })
  await stream.next("message_read")
  await stream.next((one) => one.trigger === "message_read")
  assert.deepEqual([...new Set(stream.events.map((one) => one.type))].sort(), ["hello", "message_read", "notification_count_update"])
  assert.equal(stream.of("notification_count_update").length, 4)
  stream.close()
})

test("streams of one conversation carry it alone", async () => {
  const other = (await eve.post("/messages", { to: "bob", message: "hi" })).body.conversation_id
  const streams = [
    await openSse(site.url, bob, `?conversation_id=${talk}`),
    await openWs(site.url, bob, `/ws/chat/${talk}/`),
    await openWs(site.url, bob, `/ws/chat/${talk}`),
  ]
  for (const stream of streams) await stream.next("presence_state")
  await eve.post(`/conversations/${other}/messages`, { message: "elsewhere" })
  await say("here")
  for (const stream of streams) {
    await stream.next((one) => one.message === "here")
    assert.deepEqual(stream.messages, ["here"])
    stream.close()
  }
})

both("a new conversation is heard of before its first message", async (open) => {
  const stream = await open(site.url, eve)
  await stream.next("presence_state")
  const { body } = await ada.post("/messages", { to: "eve", message: "first words", topic: { type: "item", id: String(Math.random()) } })
  if (!stream.of("chat_message").length) await stream.next("chat_message")
  const mine = stream.events.filter((one) => one.conversation_id === body.conversation_id)
  assert.deepEqual(mine.slice(0, 2).map((one) => one.type), ["conversation_refresh", "chat_message"])
  assert.equal(mine[1].is_new_conversation, true)
  stream.close()
})

both("a profile that changes is told to those who share a conversation", async (open) => {
  const [mine, theirs] = [await open(site.url, ada), await open(site.url, bob)]
  await Promise.all([mine.next("presence_state"), theirs.next("presence_state")])
  const name = `Ada ${Math.random()}`
  await ada.patch("/me", { name })
  for (const stream of [mine, theirs]) {
    const event = await stream.next((one) => one.type === "user_updated" && one.name === name)
    assert.equal(event.id, ada.id)
    stream.close()
  }
})
