// The limits are settings: each at its bound and one past it, as told.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import WebSocket from "ws"
import { login, password, register, stranger } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"

const limits = {
  message_characters: 12, client_id_max: 36, body_bytes: 65536, username_min: 5, username_max: 20, password_min: 10, password_max: 64, name_max: 12, page_default: 2, page_max: 50,
}
const letters = (length) => "😀".repeat(length)

let site, grace

before(async () => {
  site = await startSite()
  // From before the limits: a name and a password that nobody gets any more.
  await register(site, "ada", { password: letters(256) })
  grace = await register(site, "grace")
  for (let i = 0; i < 3; i++) await register(site, `person${i}`)
  await reconfigure(site, limits)
  await site.notifier.restart()
})
after(() => site.stop())

test("a page that starts is told them", async () => {
  const told = (await grace.get("/start")).body.limits
  assert.deepEqual({ ...told, ...limits, conversations_page: 2 }, told)
})

let number = 0
async function signUp(more) {
  const { status, code } = await stranger(site).post("/users", { username: `somebody${++number}`, name: "X", password, ...more })
  return code ?? status
}

test("of a username, a name and a password", async () => {
  for (const [field, least, most, text] of [
    ["username", 5, 20, (length) => "a".repeat(length)], ["name", 1, 12, letters], ["password", 10, 64, letters],
  ]) {
    assert.equal(await signUp({ [field]: text(least - 1) }), "too_short", field)
    assert.equal(await signUp({ [field]: text(least) }), 201, field)
    assert.equal(await signUp({ [field]: text(most) }), 201, field)
    assert.equal(await signUp({ [field]: text(most + 1) }), "too_long", field)
  }
})

test("of a profile that changes", async () => {
  assert.equal((await grace.patch("/me", { name: letters(12) })).status, 200)
  assert.equal((await grace.patch("/me", { name: letters(13) })).code, "too_long")
  const change = (new_password) => grace.post("/me/password", { current_password: password, new_password })
  assert.equal((await change(letters(9))).code, "too_short")
  assert.equal((await change(letters(65))).code, "too_long")
})

test("who registered before them logs in", async () => {
  assert.equal((await login(site, "ada", letters(256))).username, "ada")
})

test("of a page", async () => {
  assert.equal((await grace.get("/users?query=person")).body.items.length, 2)
  assert.equal((await grace.get("/users?query=person&limit=50")).body.items.length, 3)
  assert.equal((await grace.get("/users?query=person&limit=51")).code, "invalid")
})

test("of a message and its client_id, by either way", async () => {
  const socket = new WebSocket(`${site.url.replace("http", "ws")}/ws`, { headers: grace.credentials })
  const frames = []
  socket.on("message", (data) => frames.push(JSON.parse(data)))
  await new Promise((done) => socket.on("open", done))
  const { conversation_id } = (await grace.post("/messages", { to: "person1", message: "x" })).body
  const push = async (message) => {
    socket.send(JSON.stringify({ type: "message", conversation_id, ...message }))
    const answer = await until(() => frames.find(({ type }) => type === "message_sent" || type === "error"), "an answer")
    frames.length = 0
    return answer.code ?? answer.type
  }
  const post = async (message) => {
    const { status, code } = await grace.post(`/conversations/${conversation_id}/messages`, message)
    return code ?? status
  }
  for (const [send, good] of [[push, "message_sent"], [post, 201]]) {
    assert.equal(await send({ message: letters(12) }), good)
    assert.equal(await send({ message: letters(13) }), "text_too_long")
    assert.equal(await send({ message: "x", client_id: letters(35) + (send === push ? "a" : "b") }), good)
    assert.equal(await send({ message: "x", client_id: letters(37) }), "too_long")
  }
  socket.terminate()
})

test("of a message at the most that a site can set", async () => {
  await reconfigure(site, { message_characters: 16000 })
  const sent = await grace.post("/messages", { to: "person1", message: letters(16000) })
  assert.deepEqual([sent.status, sent.body.message], [201, letters(16000)])
  assert.equal((await grace.post("/messages", { to: "person1", message: letters(16001) })).code, "text_too_long")
})

test("of a body", async () => {
  const sized = (length) => `{"to":"ada","message":"x"}`.padEnd(length)
  assert.equal((await grace.post("/messages", undefined, { body: sized(65536) })).status, 201)
  assert.equal((await grace.post("/messages", undefined, { body: sized(65537) })).code, "too_large")
})
