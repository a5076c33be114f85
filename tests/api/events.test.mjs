// The event log, read by polling.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada, bob, eve

before(async () => {
  site = await startSite()
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
})
after(() => site.stop())

const poll = async (who, query) => (await who.get(`/events?${query}`)).body
const types = (events) => events.map((event) => event.type)

test("who asks without a since is told where the log ends", async () => {
  const { events, next } = await poll(ada, "")
  assert.deepEqual(events, [])
  assert.deepEqual(await poll(ada, `since=${next}`), { events: [], next })
})

test("a message is heard by its members, with the new count for those who did not write it", async () => {
  const { next: since } = await poll(bob, "")
  const { body: sent } = await ada.post("/messages", { to: "bob", message: "Héllo \"you\" 😀", client_id: "c1" })
  const heard = await poll(bob, `since=${since}`)
  assert.deepEqual(types(heard.events), ["conversation_refresh", "chat_message", "notification_count_update"])
  const [refresh, message, count] = heard.events
  assert.deepEqual([refresh.conversation_id, refresh.reason, refresh.seq], [sent.conversation_id, "created", undefined])
  const { type, event_id, seq, ...rest } = message
  assert.deepEqual(rest, sent)
  assert.deepEqual([type, seq], ["chat_message", 1])
  assert.ok(event_id > refresh.event_id && event_id <= heard.next)
  assert.deepEqual(count, {
    type: "notification_count_update", conversation_id: sent.conversation_id, trigger: "new_message", last_no: 1, timestamp: sent.timestamp,
  })
  assert.deepEqual(types((await poll(ada, `since=${since}`)).events), ["conversation_refresh", "chat_message"])
  assert.deepEqual((await poll(eve, `since=${since}`)).events, [])
})

test("reading is heard by all, and its count by oneself alone", async () => {
  const { body: sent } = await ada.post("/messages", { to: "bob", message: "read me" })
  const { next: since } = await poll(ada, "")
  const path = `/conversations/${sent.conversation_id}`
  await bob.post(`${path}/delivered`, { up_to: 2 })
  await bob.post(`${path}/read`, { up_to: 1 })
  await bob.post(`${path}/read`, { up_to: 1 })
  const mine = (await poll(bob, `since=${since}`)).events
  assert.deepEqual(types(mine), ["message_delivered", "message_read", "notification_count_update"])
  assert.deepEqual([mine[1].user_id, mine[1].up_to], [bob.id, 1])
  assert.deepEqual([mine[2].trigger, mine[2].last_no, mine[2].read_no, mine[2].unread_count], ["message_read", 2, 1, 1])
  assert.deepEqual(types((await poll(ada, `since=${since}`)).events), ["message_delivered", "message_read"])
})

test("a changed profile is heard by those who share a conversation", async () => {
  const { next: since } = await poll(ada, "")
  await bob.patch("/me", { name: "Bobby" })
  const heard = (await poll(ada, `since=${since}`)).events
  assert.deepEqual([...new Set(types(heard))], ["user_updated"])
  assert.deepEqual([heard[0].id, heard[0].name, heard[0].email, heard[0].seq], [bob.id, "Bobby", undefined, undefined])
  assert.ok((await poll(bob, `since=${since}`)).events.length >= 1)
  assert.deepEqual((await poll(eve, `since=${since}`)).events, [])
})

test("event_id and seq ascend, and pages leave nothing out", async () => {
  const { next: since } = await poll(ada, "")
  for (let i = 0; i < 12; i++) await (i % 2 ? ada : bob).post("/messages", { to: i % 2 ? "bob" : "ada", message: `${i}` })
  const events = []
  let at = since
  for (let calls = 0; ; calls++) {
    const page = await poll(ada, `since=${at}&limit=5`)
    assert.ok(page.events.filter((event) => event.event_id).length <= 5)
    events.push(...page.events.filter((event) => event.event_id))
    if (page.next === at) break
    at = page.next
    assert.ok(calls < 10)
  }
  assert.equal(events.length, 12)
  for (const key of ["event_id", "seq"]) assert.deepEqual(events.map((one) => one[key]), events.map((one) => one[key]).sort((a, b) => a - b))
  assert.deepEqual(events.map((one) => one.message), Array.from({ length: 12 }, (_, i) => `${i}`))
})

test("one conversation can be followed alone, by its members", async () => {
  const { next: since } = await poll(ada, "")
  const { body: other } = await eve.post("/messages", { to: "ada", message: "aside" })
  await bob.post("/messages", { to: "ada", message: "not this" })
  const heard = await poll(ada, `since=${since}&conversation_id=${other.conversation_id}`)
  assert.deepEqual([...new Set(heard.events.map((event) => event.conversation_id))], [other.conversation_id])
  assert.ok(types(heard.events).includes("chat_message"))
  assert.equal((await bob.get(`/events?since=0&conversation_id=${other.conversation_id}`)).status, 404)
})

test("a since that never was, or is no longer kept, is told to start anew", async () => {
  const { next } = await poll(ada, "")
  const ahead = await poll(ada, `since=${next + 1000}`)
  assert.deepEqual(types(ahead.events), ["resync"])
  assert.deepEqual([ahead.events[0].event_id, ahead.next], [next, next])
  await site.sql("UPDATE event_counter SET floor = 3")
  assert.deepEqual(types((await poll(ada, "since=2")).events), ["resync"])
  assert.ok(!types((await poll(ada, "since=3")).events).includes("resync"))
  await site.sql("UPDATE event_counter SET floor = 0")
  assert.ok(!types((await poll(ada, "since=0")).events).includes("resync"))
})

test("numbers that are none are refused", async () => {
  for (const query of ["since=x", "since=-1", "since=9007199254740992", "since=", "limit=0", "conversation_id=0", "conversation_id=x"])
    assert.equal((await ada.get(`/events?${query}`)).code, "invalid", query)
})

test("the start of a page and the log join without a gap", async () => {
  const { body: start } = await ada.get("/start")
  const { body: sent } = await bob.post("/messages", { to: "ada", message: "after the start" })
  const heard = (await poll(ada, `since=${start.event_id}`)).events.filter((event) => event.seq)
  const known = start.conversations.find((one) => one.conversation_id === sent.conversation_id)
  const fresh = heard.filter((event) => event.conversation_id !== sent.conversation_id || event.seq > known.event_seq)
  assert.deepEqual(fresh.map((event) => event.message_id), [sent.message_id])
})

test("with the notifier down, messages are accepted and those who poll hear them", async () => {
  const { next: since } = await poll(ada, "")
  await site.notifier.stop()
  const { status, body: sent } = await bob.post("/messages", { to: "ada", message: "in the dark" })
  assert.equal(status, 201)
  const heard = await poll(ada, `since=${since}`)
  assert.deepEqual(heard.events.filter((event) => event.seq).map((event) => event.message_id), [sent.message_id])
  await site.notifier.start()
})
