// Every status and code that the OpenAPI document promises is answered.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Proxied } from "../lib/fastcgi.mjs"
import { Client, login, operations, password, register, resolve, seen, stranger } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"

// A body that is shorter than it says never gets through a web server; see
// gateway.test.mjs.  What is wrong inside is provoked for one operation.
const elsewhere = (one) => /^\w+ (400 invalid|500 internal)$/.test(one)

const documented = operations.flatMap(({ operation }) =>
  Object.entries(operation.responses).flatMap(([status, response]) =>
    (resolve(response)["x-codes"] ?? [""]).map((code) => `${operation.operationId} ${status} ${code}`.trim()),
  ),
)

let site, ada, bob, conversation
const at = {} // operation id -> path with ids

before(async () => {
  site = await startSite({ settings: { rate_login_account: 3, rate_messages: 20, rate_register_address: 30 } })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  conversation = (await ada.post("/messages", { to: "bob", message: "hello" })).body.conversation_id
  const ids = { id: conversation, user: bob.id, session: 999999 }
  for (const { operation, path } of operations)
    at[operation.operationId] = path.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name])
})
after(() => site.stop())

const gets = operations.filter(({ method }) => method === "GET")
const changes = operations.filter(({ method }) => method !== "GET")
const withBody = operations.filter(({ operation }) => operation.requestBody)
const isPublic = ({ operation }) => operation.security?.length === 0
const id = ({ operation }) => operation.operationId

const sample = () => ({
  users_create: { username: "carl", name: "Carl", password },
  sessions_create: { username: "ada", password },
  tickets_create: {},
  me_update: { name: "Ada Lovelace" },
  me_password: { current_password: password, new_password: password },
  messages_create_to: { to: "bob", message: "hi" },
  conversations_create: { kind: "direct", user_id: bob.id },
  messages_create: { message: "hi" },
  marks_read: { up_to: 1 },
  marks_delivered: { up_to: 1 },
  marks_unread: { from: 1 },
  typing_create: { typing: true },
})

test("what is asked rightly is answered", async () => {
  for (const one of operations.filter((one) => !id(one).startsWith("sessions_delete"))) {
    const { status } = await ada.call(one.method, at[id(one)], { json: sample()[id(one)] })
    assert.ok(status < 300, id(one))
  }
  const topic = { type: "item", id: "5" }
  assert.equal((await ada.post("/conversations", { kind: "direct", user_id: bob.id, topic })).status, 201)
  const second = await login(site, "ada")
  assert.equal((await second.delete("/sessions/999999")).status, 204)
  assert.equal((await second.delete("/sessions/current")).status, 204)
})

test("bodies that cannot be read are refused", async () => {
  for (const one of withBody) {
    const path = at[id(one)]
    assert.equal((await ada.call(one.method, path, { body: "{" })).code, "not_json")
    assert.equal((await ada.call(one.method, path, { body: "x".repeat(131073) })).code, "too_large")
    assert.equal((await ada.call(one.method, path, { body: "{}", headers: { "content-type": "text/plain" } })).code, "media_type")
  }
})

test("who may not is refused", async () => {
  const writes = new Client(site, { authorization: `Bearer ${await site.tidings("api-key", "w", "write")}` })
  const reads = new Client(site, { authorization: `Bearer ${await site.tidings("api-key", "r", "read")}` })
  const elsewhere = { origin: "https://evil.example" }
  for (const one of operations.filter((one) => !isPublic(one))) {
    const path = at[id(one)]
    assert.equal((await stranger(site).call(one.method, path)).code, "unauthenticated")
    assert.equal((await (one.method === "GET" ? writes : reads).call(one.method, path)).code, "forbidden")
  }
  for (const one of changes) {
    const client = isPublic(one) ? stranger(site) : new Client(site, { cookie: ada.cookie })
    assert.equal((await client.call(one.method, at[id(one)], { headers: elsewhere })).code, "cross_origin")
  }
})

test("what is not there is not found", async () => {
  for (const one of operations.filter(({ operation }) => operation.responses[404] && operation.parameters?.some((p) => p.$ref?.endsWith("/conversation"))))
    assert.equal((await ada.call(one.method, at[id(one)].replace(/\d+/, "999999"), { json: sample()[id(one)] })).code, "not_found")
  assert.equal((await ada.get("/users/999999")).code, "not_found")
  assert.equal((await ada.delete("/sessions/x")).code, "not_found")
  assert.equal((await ada.get("/events?conversation_id=999999")).code, "not_found")
  assert.equal((await ada.post("/messages", { to: "nobody.here", message: "x" })).code, "not_found")
  assert.equal((await ada.post("/conversations", { kind: "direct", user_id: 999999 })).code, "not_found")
})

const long = (length) => "x".repeat(length)

// operation -> code -> what to send (a body, or a query).
const invalid = () => ({
  users_list: { invalid: "limit=0", too_long: `query=${long(101)}` },
  users_create: {
    invalid: { username: "-ab", name: "x", password },
    too_short: { username: "ab", name: "x", password },
    too_long: { username: "carla", name: long(101), password },
    username_reserved: { username: "everyone", name: "x", password },
    password_common: { username: "carla", name: "x", password: "Password123" },
    password_is_username: { username: "carla.the.great", name: "x", password: "Carla.The.Great" },
    required: { username: "carla", name: "x" },
    wrong_type: { username: 5, name: "x", password },
    unknown_field: { username: "carla", name: "x", password, role: "admin" },
  },
  sessions_list: { invalid: "cursor=%21" },
  sessions_create: {
    invalid: "[]", required: { username: "ada" }, wrong_type: { username: "ada", password: null },
    unknown_field: { username: "ada", password, x: 1 }, too_short: { username: "", password }, too_long: { username: "ada", password: long(257) },
  },
  tickets_create: { invalid: "[]", unknown_field: { a: 1 } },
  events_list: { invalid: "since=x" },
  me_update: {
    invalid: { email: "nowhere" }, unknown_field: { role: "admin" }, wrong_type: { name: null },
    too_short: { name: "" }, too_long: { name: long(101) },
  },
  me_password: {
    invalid: "[]", required: { current_password: password }, wrong_type: { current_password: 1, new_password: password }, unknown_field: { ...sample().me_password, x: 1 },
    too_short: { current_password: password, new_password: "short" }, too_long: { current_password: password, new_password: long(257) },
    password_common: { current_password: password, new_password: "12345678" },
  },
  messages_create_to: {
    invalid: { to: "bob", message: "a\0b" }, required: { to: "bob" }, wrong_type: { to: null, message: "x" },
    unknown_field: { to: "bob", message: "x", image: "y" }, too_short: { to: "bob", message: "x", client_id: "" },
    too_long: { to: "bob", message: "x", client_id: long(65) }, text_empty: { to: "bob", message: " " },
    text_too_long: { to: "bob", message: long(10001) }, to_oneself: { to: "ada", message: "x" },
  },
  conversations_list: { invalid: "kind=x", required: "topic_type=item", too_long: `query=${long(101)}` },
  conversations_create: {
    invalid: { kind: "x", user_id: bob.id }, required: { kind: "direct" }, wrong_type: { kind: "direct", user_id: "1" },
    unknown_field: { kind: "direct", user_id: bob.id, title: "x" }, out_of_range: { kind: "direct", user_id: 0 },
    too_short: { kind: "direct", user_id: bob.id, topic: { type: "", id: "1" } },
    too_long: { kind: "direct", user_id: bob.id, topic: { type: "x", id: long(65) } },
    to_oneself: { kind: "direct", user_id: ada.id }, not_supported: { kind: "group", title: "x", member_ids: [] },
  },
  members_list: { invalid: "limit=201" },
  messages_list: { invalid: "before=1&after=1" },
  messages_create: {
    invalid: { message: "x", reply_to: 999999 }, required: {}, wrong_type: { message: 5 }, unknown_field: { message: "x", file_id: 1 },
    too_short: { message: "x", client_id: "" }, too_long: { message: "x", client_id: long(65) }, out_of_range: { message: "x", reply_to: 0 },
    text_empty: { message: "" }, text_too_long: { message: long(10001) },
  },
  ...Object.fromEntries(
    [["marks_read", "up_to"], ["marks_delivered", "up_to"], ["marks_unread", "from"]].map(([name, field]) => [
      name,
      { invalid: "[]", required: {}, wrong_type: { [field]: "1" }, out_of_range: { [field]: -1 }, unknown_field: { [field]: 1, x: 1 } },
    ]),
  ),
  typing_create: {
    invalid: { typing: true, activity: "song" }, required: {}, wrong_type: { typing: 1 }, unknown_field: { typing: true, x: 1 },
    too_short: { typing: true, activity: "" }, too_long: { typing: true, activity: long(17) },
  },
})

test("what is not valid is told field by field", async () => {
  const cases = invalid()
  for (const [name, codes] of Object.entries(cases))
    for (const [code, what] of Object.entries(codes)) {
      const { method } = operations.find((one) => id(one) === name)
      const path = method === "GET" ? `${at[name]}?${what}` : at[name]
      const sent = method === "GET" ? {} : typeof what === "string" ? { body: what } : { json: what }
      const { status, code: told, body } = await ada.call(method, path, sent)
      assert.deepEqual([status, told], [422, code], `${name} ${code}`)
      assert.equal(body.errors.length, 1, `${name} ${code}`)
    }
  const secret = "ada.lovelace.1815"
  const carla = await register(site, secret)
  const wanted = { current_password: password, new_password: secret.toUpperCase() }
  assert.equal((await carla.post("/me/password", wanted)).code, "password_is_username")
})

test("conflicts are told", async () => {
  assert.equal((await stranger(site).post("/users", { username: "BOB", name: "Bob", password })).code, "username_taken")
  const first = { kind: "direct", user_id: bob.id }
  const headers = { "idempotency-key": "once" }
  assert.equal((await ada.post("/conversations", first, { headers })).status, 200)
  assert.equal((await ada.post("/conversations", { ...first, topic: { type: "a", id: "b" } }, { headers })).code, "idempotency_mismatch")
  for (const path of ["/messages", `/conversations/${conversation}/messages`]) {
    const to = path === "/messages" ? { to: "bob" } : {}
    await ada.post(path, { ...to, message: "one", client_id: path })
    assert.equal((await ada.post(path, { ...to, message: "two", client_id: path })).code, "idempotency_mismatch")
  }
})

test("a repeat that comes while the first still runs is told so", async () => {
  const topic = { type: "item", id: "elsewhere" }
  const other = (await ada.post("/conversations", { kind: "direct", user_id: bob.id, topic })).body.conversation_id
  const rival = site.sql(`
    BEGIN;
    INSERT INTO idempotency_keys SELECT ${ada.id}, 'POST /conversations', 'busy', token_hash, 201, 1, UTC_TIMESTAMP(3) FROM sessions LIMIT 1;
    INSERT INTO messages (conversation_id, no, seq, sender_id, text, client_id, created_at)
      VALUES (${other}, 99, 99, ${ada.id}, 'x', 'busy', UTC_TIMESTAMP(3));
    SELECT SLEEP(6);
    ROLLBACK`)
  await until(async () => (await site.sql("SHOW PROCESSLIST")).some((row) => /SLEEP\(6\)/.test(row.join(" "))), "the rival")
  // One person's messages wait for each other, so they come one by one.
  const messages = async () => [
    await ada.post("/messages", { to: "bob", message: "x", client_id: "busy" }),
    await ada.post(`/conversations/${conversation}/messages`, { message: "x", client_id: "busy" }),
  ]
  const answers = await Promise.all([
    ada.post("/conversations", { kind: "direct", user_id: bob.id }, { headers: { "idempotency-key": "busy" } }),
    messages(),
  ])
  for (const { status, code } of answers.flat()) assert.deepEqual([status, code], [409, "in_progress"])
  await rival
})

test("too much, too fast is refused with the time to wait", async () => {
  const flood = async (send) => {
    for (let i = 0; i < 40; i++) {
      const { status, headers } = await send()
      if (status === 429) return Number(headers["retry-after"])
    }
    assert.fail("never")
  }
  const wrong = { username: "bob", password: "wrong wrong" }
  assert.ok((await flood(() => stranger(site).post("/sessions", wrong))) <= 300)
  assert.ok((await flood(() => bob.post("/me/password", { current_password: "wrong wrong", new_password: password }))) <= 300)
  const neighbour = new Proxied(site, { "x-real-ip": "203.0.113.2" })
  assert.ok((await flood(() => neighbour.post("/users", { username: "ada", name: "Ada", password }))) <= 300)
  assert.ok((await flood(() => ada.post("/messages", { to: "bob", message: "x" }))) <= 10)
  assert.ok((await flood(() => ada.post(`/conversations/${conversation}/messages`, { message: "x" }))) <= 10)
  assert.ok(seen.has("me_password 401 bad_credentials") || (await wrongPassword()))
})

async function wrongPassword() {
  const dora = await register(site, "dora")
  return (await dora.post("/me/password", { current_password: "wrong wrong", new_password: password })).code === "bad_credentials"
}

test("registration is refused by invitation, and altogether", async () => {
  const elsewhere = new Proxied(site, { "x-real-ip": "203.0.113.1" })
  const ask = (more) => elsewhere.post("/users", { username: "late", name: "Late", password, ...more })
  assert.equal((await ask({ invitation: "x" })).code, "gone")
  for (const [registration, code] of [["invitation", "invitation_needed"], ["closed", "registration_closed"]]) {
    await reconfigure(site, { registration })
    assert.equal((await ask({ invitation: registration === "closed" ? "x" : null })).code, code)
  }
  await reconfigure(site, { registration: "open" })
})

test("what is wrong inside is told in no detail", async () => {
  await site.sql("RENAME TABLE tickets TO tickets_away")
  const { status, body } = await ada.post("/tickets", {})
  assert.equal(status, 500)
  assert.deepEqual(Object.keys(body).sort(), ["code", "status", "title", "type"])
  await site.sql("RENAME TABLE tickets_away TO tickets")
  assert.equal((await ada.post("/tickets", {})).status, 201)
})

test("without its database it says when to come again", async () => {
  await site.db.stop()
  for (const one of operations) {
    const { status } = await ada.call(one.method, at[id(one)], { json: sample()[id(one)] })
    assert.equal(status, id(one) === "system_health" ? 200 : 503, id(one))
  }
  await site.db.start()
  await until(async () => (await ada.get("/ready")).status === 200, "the database")
  assert.equal((await ada.get("/me")).status, 200)
})

test("nothing documented was left out", () => {
  assert.deepEqual(documented.filter((one) => !seen.has(one) && !elsewhere(one)), [])
})
