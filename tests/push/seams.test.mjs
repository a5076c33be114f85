// Where two things happen in one moment, and each has to be told all the same.

import assert from "node:assert/strict"
import { once } from "node:events"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openSse, openWs } from "./streams.mjs"

let site, ada, bob, talk

// Nobody is rung, so that the log is always a little behind the database.
before(async () => {
  site = await startSite({ direct: true, settings: { doorbell_drop: 100, presence_grace_seconds: 0 } })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

test("a stream of a conversation that was made a moment ago stays open", async () => {
  const all = await openWs(site.pushUrl, ada)
  await all.next("hello")
  for (let i = 0; i < 5; i++) {
    const { body } = await ada.post("/messages", { to: "bob", message: "about it", topic: { type: "item", id: `${i}` } })
    const stream = await openWs(site.pushUrl, ada, `/ws/chat/${body.conversation_id}/`)
    await stream.next("hello")
    await bob.post(`/conversations/${body.conversation_id}/messages`, { message: "a moment later" })
    await stream.next((event) => event.message === "a moment later")
    assert.equal(stream.ended, false)
    stream.close()
  }
  all.close()
})

test("what is far too long is refused by an answer that is whole", async () => {
  const ws = await openWs(site.pushUrl, ada)
  await ws.next("hello")
  for (const more of [{ client_id: "a".repeat(20000) }, { message: "b".repeat(100000), client_id: "long" }]) {
    const before = ws.of("error").length
    ws.send({ type: "message", conversation_id: talk, message: "x", ...more })
    await until(() => ws.of("error").length > before, "an error")
  }
  assert.deepEqual(ws.of("error").map(({ code, client_id }) => [code, client_id]), [["too_long", undefined], ["text_too_long", "long"]])
  ws.close()
})

test("a ping is answered however many marks came before it", async () => {
  const ws = await openWs(site.pushUrl, bob)
  await ws.next("hello")
  for (let i = 0; i < 60; i++) ws.send({ type: "delivered", conversation_id: talk, up_to: 1 })
  await ws.next((event) => event.code === "rate_limited")
  const pong = once(ws.socket, "pong")
  ws.socket.ping("still there?")
  assert.equal(String((await pong)[0]), "still there?")
  ws.close()
})

test("who still catches up hears who comes and goes", async () => {
  for (let i = 0; i < 400; i++) await bob.post(`/conversations/${talk}/messages`, { message: `${i} ${"x".repeat(5000)}` })
  // All of it is behind the notifier too, and none comes as a burst.
  await until(async () => !(await site.sql("SELECT 1 FROM events WHERE pos IS NULL LIMIT 1")).length, "the log")
  const reader = await openWs(site.pushUrl, ada)
  await reader.next("presence_state")
  await ada.post(`/conversations/${talk}/messages`, { message: "the last" })
  await reader.next((event) => event.message === "the last")
  reader.close()
  await until(async () => !(await site.sql(`SELECT 1 FROM presence WHERE user_id = ${ada.id}`)).length, "ada away")

  const stream = await openSse(site.pushUrl, ada, "?since=0")
  stream.answer.pause()
  await until(async () => (await site.sql(`SELECT 1 FROM presence WHERE user_id = ${ada.id}`)).length, "ada here")
  const other = await openWs(site.pushUrl, bob)
  await until(async () => (await site.sql(`SELECT 1 FROM presence WHERE user_id = ${bob.id}`)).length, "bob here")
  stream.answer.resume()
  await stream.next((event) => event.type === "presence" && event.user_id === bob.id && event.online, 20_000)
  await stream.next((event) => event.message === "the last", 20_000)
  assert.equal(new Set(stream.of("chat_message").filter((event) => event.conversation_id === talk).map((event) => event.seq)).size, 402)
  other.close()
  stream.close()
})

test("what was pruned while a page waited is told by a resync", async () => {
  const [[head]] = await site.sql("SELECT head FROM event_counter")
  const since = Number(head) - 300
  const lock = site.sql("LOCK TABLES events WRITE, event_counter READ; DO SLEEP(2); UNLOCK TABLES")
  await until(async () => (await site.sql("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'")).length, "the lock")
  const opening = openSse(site.pushUrl, ada, `?since=${since}`)
  await until(
    async () => (await site.sql("SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'")).length,
    "a page that waits",
  )
  const pruned = site.sql(`UPDATE event_counter SET floor = ${since + 100}; DELETE FROM events WHERE pos <= ${since + 100}`)
  await Promise.all([lock, pruned])
  const stream = await opening
  await stream.next("hello")
  const first = await stream.next((event) => event.type === "resync" || event.event_id > since)
  // Either it was read before anything went, or it says what is missing.
  assert.ok(first.type === "resync" || first.event_id === since + 1, JSON.stringify(first).slice(0, 200))
  stream.close()
})
