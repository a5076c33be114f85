// Sending messages, once each, and reading a conversation's history.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada, bob, eve, conversation

before(async () => {
  site = await startSite()
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  conversation = (await ada.post("/messages", { to: "bob", message: "hello" })).body.conversation_id
})
after(() => site.stop())

const say = (who, json) => who.post(`/conversations/${conversation}/messages`, json)

test("the first message makes the conversation, the next ones use it", async () => {
  const first = await ada.post("/messages", { to: eve.id, message: "hi", client_id: "c" })
  assert.equal(first.status, 201)
  assert.deepEqual(
    [first.body.no, first.body.is_new_conversation, first.body.sender_id, first.body.sender_info, first.body.client_id],
    [1, true, ada.id, { id: ada.id, username: "ada", name: "ada of the tests" }, "c"],
  )
  const back = await eve.post("/messages", { to: "ADA", message: "hi yourself" })
  assert.equal(back.body.conversation_id, first.body.conversation_id)
  assert.deepEqual([back.body.no, back.body.is_new_conversation], [2, false])
})

test("of many first messages at once, one makes the conversation", async () => {
  const [carl, dora] = [await register(site, "carl"), await register(site, "dora")]
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 ? carl : dora).post("/messages", { to: i % 2 ? "dora" : "carl", message: `${i}` })),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(new Set(answers.map(({ body }) => body.conversation_id)).size, 1)
  assert.deepEqual(answers.map(({ body }) => body.no).sort((a, b) => a - b), Array.from({ length: 16 }, (_, i) => i + 1))
  assert.equal(answers.filter(({ body }) => body.is_new_conversation).length, 1)
  assert.equal((await carl.get("/conversations")).body.items.length, 1)
})

test("a topic makes a conversation of its own", async () => {
  const topic = { type: "item", id: "5", title: "Blue umbrella", url: "/items/5" }
  const one = await ada.post("/messages", { to: "bob", message: "Is it there yet?", topic })
  assert.notEqual(one.body.conversation_id, conversation)
  assert.equal((await bob.post("/messages", { to: "ada", message: "Yes.", topic: { type: "item", id: "5" } })).body.conversation_id, one.body.conversation_id)
  assert.notEqual((await ada.post("/messages", { to: "bob", message: "x", topic: { type: "Item", id: "5" } })).body.conversation_id, one.body.conversation_id)
  assert.deepEqual((await bob.get(`/conversations/${one.body.conversation_id}`)).body.topic, topic)
})

test("a text is bounded in characters, and has something to be seen", async () => {
  for (const [message, code] of [
    ["x", null], ["x".repeat(10000), null], ["😀".repeat(10000), null], ["x".repeat(10001), "text_too_long"], ["😀".repeat(10001), "text_too_long"],
    ["", "text_empty"], [" ", "text_empty"], ["\n\t\r ", "text_empty"], ["\u00a0\u2003\u3000\u200b\ufeff", "text_empty"],
    ["a\u0000b", "invalid"], ["\u0000", "invalid"], [" a ", null], ["</script>'\"\\ \u2028 \u0001 é 漢", null], ["👩‍👩‍👧", null],
  ]) {
    const { status, code: told, body } = await say(ada, { message })
    assert.equal(told ?? null, code, JSON.stringify(message.slice(0, 20)))
    if (code) continue
    assert.equal(status, 201)
    assert.equal(body.message, message)
    assert.equal((await bob.get(`/conversations/${conversation}/messages?limit=1`)).body.items[0].message, message)
  }
})

test("a body of 128 KiB is read, and one byte more is not", async () => {
  const start = '{"message":"x"'
  const sized = (size) => `${start}${" ".repeat(size - start.length - 1)}}`
  assert.equal((await ada.post(`/conversations/${conversation}/messages`, undefined, { body: sized(131072) })).status, 201)
  assert.equal((await ada.post(`/conversations/${conversation}/messages`, undefined, { body: sized(131073) })).status, 413)
})

test("a client_id has 1 to 64 characters", async () => {
  for (const [client_id, code] of [["", "too_short"], ["x".repeat(64), null], ["😀".repeat(64), null], ["x".repeat(65), "too_long"], [null, null], [5, "wrong_type"], ["a\0", "invalid"]]) {
    const { code: told, body } = await say(ada, { message: "x", client_id })
    assert.equal(told ?? null, code, String(client_id))
    if (!code) assert.equal(body.client_id, client_id)
  }
})

test("a repeat sends nothing, and answers with the thing as it is now", async () => {
  const first = await say(ada, { message: "once", client_id: "again" })
  assert.equal(first.headers["idempotent-replayed"], undefined)
  await site.sql(`UPDATE messages SET text = 'edited', edited_at = UTC_TIMESTAMP(3) WHERE id = ${first.body.message_id}`)
  const second = await say(ada, { message: "once", client_id: "again" })
  assert.deepEqual([second.status, second.headers["idempotent-replayed"], second.body.message_id], [201, "true", first.body.message_id])
  assert.equal(second.body.message, "edited")
  assert.equal((await say(ada, { message: "twice", client_id: "again" })).code, "idempotency_mismatch")
  assert.equal((await ada.post("/messages", { to: "eve", message: "once", client_id: "again" })).code, "idempotency_mismatch")
  assert.equal((await say(bob, { message: "mine", client_id: "again" })).headers["idempotent-replayed"], undefined)
})

test("of many repeats at once, one sends", async () => {
  const answers = await Promise.all(Array.from({ length: 24 }, () => say(ada, { message: "at once", client_id: "crowd" })))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(new Set(answers.map(({ body }) => body.message_id)).size, 1)
  assert.equal(answers.filter(({ headers }) => !headers["idempotent-replayed"]).length, 1)
  const [[count, events]] = await site.sql(
    `SELECT COUNT(*), (SELECT COUNT(*) FROM events e JOIN messages m ON m.id = e.message_id WHERE m.client_id = 'crowd') FROM messages WHERE client_id = 'crowd'`,
  )
  assert.deepEqual([count, events], ["1", "1"])
})

test("a reply is to a message of the same conversation", async () => {
  const elsewhere = (await ada.post("/messages", { to: "eve", message: "x" })).body.message_id
  const { body } = await say(ada, { message: "x" })
  assert.equal((await say(bob, { message: "y", reply_to: body.message_id })).body.reply_to, body.message_id)
  assert.equal((await say(bob, { message: "y", reply_to: null })).body.reply_to, null)
  for (const [reply_to, code] of [[elsewhere, "invalid"], [999999, "invalid"], [0, "out_of_range"], [-1, "out_of_range"], [1.5, "out_of_range"], [2 ** 53, "out_of_range"], ["1", "wrong_type"]]) {
    const { status, code: told, body: problem } = await say(ada, { message: "x", reply_to })
    assert.deepEqual([status, told, problem.errors[0].field], [422, code, "reply_to"], String(reply_to))
  }
})

test("whom one writes to must be there, and be somebody else", async () => {
  for (const [to, status] of [["nobody1", 404], ["no body", 404], ["", 404], ["\u00e9ve", 404], [0, 404], [-5, 404], [1.5, 404], [2 ** 53, 404], [999999, 404], ["ada", 422], [ada.id, 422], [null, 422], [true, 422], [[], 422], [{}, 422]])
    assert.equal((await ada.post("/messages", { to, message: "x" })).status, status, JSON.stringify(to))
})

test("history is read in pages, both ways and around", async () => {
  const [finn, gus] = [await register(site, "finn"), await register(site, "gus")]
  let id
  for (let i = 1; i <= 25; i++) id = (await finn.post("/messages", { to: "gus", message: `m${i}` })).body.conversation_id
  const path = `/conversations/${id}/messages`
  const numbers = async (query) => (await gus.get(`${path}?${query}`)).body.items.map((one) => one.no)
  const range = (from, to) => Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => (from < to ? from + i : from - i))

  assert.deepEqual(await numbers(""), range(25, 1))
  assert.deepEqual(await numbers("limit=3"), [25, 24, 23])
  assert.deepEqual(await numbers("before=10&limit=3"), [9, 8, 7])
  assert.deepEqual(await numbers("before=1"), [])
  assert.deepEqual(await numbers("before=0"), [])
  assert.deepEqual(await numbers("before=9007199254740991&limit=1"), [25])
  assert.deepEqual(await numbers("after=22"), [23, 24, 25])
  assert.deepEqual(await numbers("after=25"), [])
  assert.deepEqual(await numbers("after=0&limit=2"), [1, 2])
  assert.deepEqual(await numbers("around=10&limit=5"), [12, 11, 10, 9, 8])
  assert.deepEqual(await numbers("around=25&limit=4"), [25, 24, 23])
  assert.deepEqual(await numbers("around=10&limit=1"), [10])

  assert.deepEqual((await gus.pages(`${path}?limit=10`)).map((page) => page.map((one) => one.no)), [range(25, 16), range(15, 6), range(5, 1)])
  assert.deepEqual((await gus.pages(`${path}?limit=10&after=3`)).map((page) => page.map((one) => one.no)), [range(4, 13), range(14, 23), [24, 25]])
  assert.deepEqual((await gus.pages(`${path}?limit=5&around=10`)).flat().map((one) => one.no), range(12, 1))

  const first = await gus.get(`${path}?limit=2`)
  await finn.post("/messages", { to: "gus", message: "later" })
  assert.deepEqual((await gus.get(first.body.next.replace("/api/v1", ""))).body.items.map((one) => one.no), [23, 22])
})

test("places that are none are refused", async () => {
  const path = `/conversations/${conversation}/messages`
  for (const query of ["before=x", "after=-1", "around=1.5", "before=9007199254740992", "before=1&after=1", "after=1&around=1", "before=", "limit=0", "before=%00"]) {
    const { status, code } = await ada.get(`${path}?${query}`)
    assert.deepEqual([status, code], [422, "invalid"], query)
  }
})

test("a person's messages are bounded in time", async () => {
  await reconfigure(site, { rate_messages: 5 })
  const hal = await register(site, "hal")
  const answers = await Promise.all(Array.from({ length: 30 }, () => hal.post("/messages", { to: "bob", message: "x" })))
  const sent = answers.filter(({ status }) => status === 201).length
  assert.ok(sent >= 5 && sent <= 8, `${sent} were sent`)
  for (const { status, headers } of answers.filter((one) => one.status !== 201)) {
    assert.equal(status, 429)
    assert.ok(headers["retry-after"] <= 10)
  }
  assert.equal((await ada.post("/messages", { to: "bob", message: "x" })).status, 201)
})
