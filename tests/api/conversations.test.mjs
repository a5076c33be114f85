// Conversations: the list, making one, marks, and the start of a page.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada, bob, eve

before(async () => {
  site = await startSite()
  ada = await register(site, "ada", { name: "Ada Lovelace" })
  bob = await register(site, "bob", { name: "Bob Builder" })
  eve = await register(site, "eve", { name: "Eve Adams" })
})
after(() => site.stop())

const direct = (user_id, more) => ({ kind: "direct", user_id, ...more })

test("a direct conversation is made once", async () => {
  const made = await ada.post("/conversations", direct(bob.id))
  assert.equal(made.status, 201)
  const { body } = made
  assert.deepEqual(
    [body.kind, body.title, body.topic, body.visibility, body.member_count, body.my_role, body.last_message, body.last_no, body.unread_count, body.event_seq],
    ["direct", null, null, "private", 2, "member", null, 0, 0, 0],
  )
  assert.deepEqual(body.members.map((one) => one.username).sort(), ["ada", "bob"])
  const again = await bob.post("/conversations", direct(ada.id))
  assert.deepEqual([again.status, again.body.conversation_id], [200, body.conversation_id])
  assert.deepEqual((await ada.get(`/conversations/${body.conversation_id}`)).body, body)
})

test("of many who make it at once, one does", async () => {
  const [mia, noa] = [await register(site, "mia"), await register(site, "noa")]
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => (i % 2 ? mia.post("/conversations", direct(noa.id)) : noa.post("/conversations", direct(mia.id)))),
  )
  assert.equal(new Set(answers.map(({ body }) => body.conversation_id)).size, 1)
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(15).fill(200), 201])
  const rows = await site.sql(`SELECT type FROM events WHERE user_id IN (${mia.id}, ${noa.id})`)
  assert.deepEqual(rows, [["conversation_refresh"], ["conversation_refresh"]])
})

test("an Idempotency-Key makes a repeat safe", async () => {
  const topic = { type: "item", id: "keyed" }
  const headers = { "idempotency-key": "make-5" }
  const ask = (client, json, more = headers) => client.post("/conversations", json, { headers: more })
  const first = await ask(ada, direct(bob.id, { topic }))
  assert.deepEqual([first.status, first.headers["idempotent-replayed"]], [201, undefined])
  await ada.post(`/conversations/${first.body.conversation_id}/messages`, { message: "since" })
  const second = await ask(ada, direct(bob.id, { topic }))
  assert.deepEqual([second.status, second.headers["idempotent-replayed"], second.body.last_no], [201, "true", 1])
  assert.equal(second.body.conversation_id, first.body.conversation_id)
  assert.equal((await ask(ada, direct(eve.id))).code, "idempotency_mismatch")
  assert.equal((await ask(bob, direct(eve.id))).status, 201)
  const many = { "idempotency-key": "x".repeat(255) }
  const crowd = await Promise.all(Array.from({ length: 12 }, () => ask(ada, direct(bob.id, { topic: { type: "item", id: "crowd" } }), many)))
  assert.deepEqual([...new Set(crowd.map(({ status }) => status))], [201])
  assert.equal(crowd.filter((one) => !one.headers["idempotent-replayed"]).length, 1)
  assert.equal((await ask(ada, direct(bob.id), { "idempotency-key": "x".repeat(256) })).code, "invalid")
})

test("a topic is bounded, and its link leads to a page", async () => {
  const of = (topic) => ada.post("/conversations", direct(bob.id, { topic }))
  for (const [topic, code] of [
    [null, null], [{ type: "a", id: "b" }, null], [{ type: "😀".repeat(64), id: "x".repeat(64), title: "t".repeat(200), url: `/${"u".repeat(1999)}` }, null],
    [{ type: "x".repeat(65), id: "b" }, "too_long"], [{ type: "a", id: "" }, "too_short"], [{ type: "a" }, "required"], [{ type: "a", id: 5 }, "wrong_type"],
    [{ type: "a", id: "b", x: 1 }, "unknown_field"], [{ type: "a", id: "b", title: "t".repeat(201) }, "too_long"], ["item", "wrong_type"], [[], "wrong_type"],
    [{ type: "a", id: "b", url: `/${"u".repeat(2000)}` }, "too_long"], [{ type: "a", id: "b", url: "javascript:alert(1)" }, "invalid"],
    [{ type: "a", id: "b", url: "//evil.example" }, "invalid"], [{ type: "a", id: "b", url: "https://x y" }, "invalid"], [{ type: "a", id: "b", url: "HTTPS://example.org" }, null],
  ]) {
    const { status, code: told } = await of(topic)
    assert.equal(told ?? null, code, JSON.stringify(topic)?.slice(0, 80))
    if (!code) assert.ok(status === 200 || status === 201)
  }
})

test("the list has the newest activity first, with the last message and what is unread", async () => {
  const [ivy, jon] = [await register(site, "ivy"), await register(site, "jon")]
  await ivy.post("/messages", { to: "bob", message: "to bob" })
  await jon.post("/messages", { to: "ivy", message: "one" })
  await jon.post("/messages", { to: "ivy", message: "two" })
  const { items } = (await ivy.get("/conversations")).body
  assert.deepEqual(items.map((one) => [one.last_message.message, one.last_no, one.read_no, one.unread_count]), [["two", 2, 0, 2], ["to bob", 1, 1, 0]])
  assert.equal(items[0].last_message_at, items[0].last_message.timestamp)
  await ivy.post("/messages", { to: "bob", message: "again" })
  assert.deepEqual((await ivy.get("/conversations")).body.items.map((one) => one.last_message.message), ["again", "two"])
})

test("the list is filtered", async () => {
  const kit = await register(site, "kit")
  await kit.post("/messages", { to: "bob", message: "x" })
  await kit.post("/messages", { to: "eve", message: "x", topic: { type: "item", id: "9" } })
  const others = async (query) =>
    (await kit.get(`/conversations?${query}`)).body.items.map((one) => one.members.find((member) => member.username !== "kit").username)
  assert.deepEqual(await others(""), ["eve", "bob"])
  assert.deepEqual(await others("kind=direct"), ["eve", "bob"])
  assert.deepEqual(await others("kind=group"), [])
  assert.deepEqual(await others("query=build"), ["bob"])
  assert.deepEqual(await others("query=EVE"), ["eve"])
  assert.deepEqual(await others("query=kit"), [])
  assert.deepEqual(await others("query=%25"), [])
  assert.deepEqual(await others("topic_type=item&topic_id=9"), ["eve"])
  assert.deepEqual(await others("topic_type=item&topic_id=8"), [])
  for (const [query, code] of [["kind=x", "invalid"], ["topic_type=item", "required"], ["topic_id=9", "required"], ["limit=201", "invalid"], ["cursor=MQ", "invalid"], ["cursor=MS4y.", "invalid"], [`query=${"x".repeat(101)}`, "too_long"], [`topic_type=${"x".repeat(65)}`, "too_long"]])
    assert.equal((await kit.get(`/conversations?${query}`)).code, code, query)
})

test("pages of the list are stable while others write", async () => {
  const hub = await register(site, "hub")
  for (let i = 0; i < 7; i++) await hub.post("/conversations", direct(bob.id, { topic: { type: "page", id: `${i}` } }))
  const first = await hub.get("/conversations?limit=3&kind=direct")
  assert.deepEqual(first.body.items.map((one) => one.topic.id), ["6", "5", "4"])
  assert.match(first.body.next, /limit=3&kind=direct&cursor=/)
  await bob.post(`/conversations/${first.body.items[1].conversation_id}/messages`, { message: "moves up" })
  const rest = await hub.pages(first.body.next.replace("/api/v1", ""))
  assert.deepEqual(rest.map((page) => page.map((one) => one.topic.id)), [["3", "2", "1"], ["0"]])
})

test("members are listed, in pages", async () => {
  const { body } = await ada.post("/conversations", direct(eve.id))
  const pages = await ada.pages(`/conversations/${body.conversation_id}/members?limit=1`)
  assert.deepEqual(pages.map((page) => page.map((one) => one.username)), [["ada"], ["eve"]])
  assert.deepEqual((await eve.get(`/conversations/${body.conversation_id}/members`)).body.items, pages.flat())
})

test("marks move forward, are cut, and reading implies delivery", async () => {
  const { body } = await ada.post("/messages", { to: "eve", message: "1" })
  const id = body.conversation_id
  for (const text of ["2", "3", "4"]) await ada.post(`/conversations/${id}/messages`, { message: text })
  const mark = async (name, number) => {
    const { body: marks } = await eve.post(`/conversations/${id}/${name}`, { [name === "unread" ? "from" : "up_to"]: number })
    assert.equal(marks.conversation_id, id)
    return [marks.read_no, marks.delivered_no, marks.unread_count]
  }
  assert.deepEqual(await mark("delivered", 1), [0, 1, 4])
  assert.deepEqual(await mark("read", 2), [2, 2, 2])
  assert.deepEqual(await mark("read", 1), [2, 2, 2])
  assert.deepEqual(await mark("delivered", 3), [2, 3, 2])
  assert.deepEqual(await mark("read", 0), [2, 3, 2])
  assert.deepEqual(await mark("read", 9007199254740991), [4, 4, 0])
  assert.deepEqual(await mark("unread", 3), [2, 4, 2])
  assert.deepEqual(await mark("unread", 1), [0, 4, 4])
  assert.deepEqual(await mark("unread", 99), [4, 4, 0])
  assert.deepEqual(await mark("unread", 2), [1, 4, 3])
  const { body: seen } = await eve.get(`/conversations/${id}`)
  assert.deepEqual([seen.read_no, seen.delivered_no, seen.unread_count, seen.last_no], [1, 4, 3, 4])
  // Sending moves one's own marks to one's message.
  await eve.post(`/conversations/${id}/messages`, { message: "5" })
  assert.equal((await eve.get(`/conversations/${id}`)).body.unread_count, 0)
  assert.equal((await ada.get(`/conversations/${id}`)).body.unread_count, 1)
  for (const bad of [-1, 1.5, "1", null, 2 ** 53, true]) {
    assert.equal((await eve.post(`/conversations/${id}/read`, { up_to: bad })).status, 422)
    assert.equal((await eve.post(`/conversations/${id}/unread`, { from: bad })).status, 422)
  }
  assert.equal((await eve.post(`/conversations/${id}/unread`, { from: 0 })).code, "out_of_range")
})

test("typing is taken note of", async () => {
  const { body } = await ada.post("/conversations", direct(eve.id))
  for (const json of [{ typing: true }, { typing: false }, { typing: true, activity: "text" }, { typing: true, activity: "file" }])
    assert.equal((await ada.post(`/conversations/${body.conversation_id}/typing`, json)).status, 204)
})

test("a page starts with everything, as of one event", async () => {
  const [lea, max] = [await register(site, "lea"), await register(site, "max")]
  for (let i = 0; i < 52; i++) await max.post("/messages", { to: "lea", message: `${i}`, topic: { type: "t", id: `${i}` } })
  await lea.post("/messages", { to: "max", message: "mine" })
  const { body } = await lea.get("/start")
  assert.equal(body.me.username, "lea")
  assert.equal(body.conversations.length, 50)
  assert.equal(body.conversations[0].last_message.message, "mine")
  assert.deepEqual([body.unread.length, body.total_unread], [52, 52])
  assert.deepEqual((await lea.get("/me/unread")).body, { total: 52, conversations: body.unread })
  const rest = await lea.pages(body.next.replace("/api/v1", ""))
  assert.deepEqual(rest.flat().map((one) => one.last_message.message), ["2", "1", "0"])
  assert.deepEqual(body.limits, {
    message_characters: 10000, body_bytes: 131072, username_min: 3, username_max: 32, password_min: 8, password_max: 256,
    name_max: 100, client_id_max: 64, page_default: 50, page_max: 200, receipts_members: 50, conversations_page: 50,
  })
  const empty = (await (await register(site, "new1")).get("/start")).body
  assert.deepEqual([empty.conversations, empty.next, empty.unread, empty.total_unread], [[], null, [], 0])
})

test("everything unread is listed and counted, however much it is", async () => {
  const busy = await register(site, "busy")
  await site.sql(`SET @first = (SELECT MAX(id) FROM conversations);
    INSERT INTO conversations (id, kind, member_count, last_no, active_at, created_at)
      SELECT @first + seq, 'group', 1, 2, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) FROM seq_1_to_10001;
    INSERT INTO members (conversation_id, user_id, joined_at)
      SELECT @first + seq, ${busy.id}, UTC_TIMESTAMP(3) FROM seq_1_to_10001`)
  const { total, conversations } = (await busy.get("/me/unread")).body
  assert.deepEqual([total, conversations.length], [20002, 10001])
  const { total_unread, unread } = (await busy.get("/start")).body
  assert.deepEqual([total_unread, unread.length], [20002, 10001])
})
