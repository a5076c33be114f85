// Registering, finding people, and one's own profile.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { administrator, login, password, register, stranger } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada

before(async () => {
  site = await startSite()
  ada = await register(site, "ada")
})
after(() => site.stop())

const signUp = (more) => stranger(site).post("/users", { username: "x", name: "X", password, ...more })
let number = 0
const fresh = () => `person${++number}`

test("a person who registered can log in, in whatever case they write their name", async () => {
  const { status, body } = await signUp({ username: "Grace.Hopper-1_x", name: "Grace Hopper", email: "grace@example.org" })
  assert.equal(status, 201)
  assert.equal(body.username, "grace.hopper-1_x")
  assert.deepEqual(
    [body.name, body.email, body.role, body.status, body.organisation, body.online],
    ["Grace Hopper", "grace@example.org", "user", "active", null, false],
  )
  const grace = await login(site, "GRACE.HOPPER-1_X")
  assert.deepEqual((await grace.get("/me")).body, body)
})

test("usernames are bounded", async () => {
  for (const [username, code] of [
    ["ab", "too_short"], ["abc", null], ["a".repeat(32), null], ["a".repeat(33), "too_long"],
    [".abc", "invalid"], ["abc.", "invalid"], ["-abc", "invalid"], ["abc_", "invalid"], ["a b", "invalid"],
    ["añb", "invalid"], ["a😀b", "invalid"], ["a/b", "invalid"], ["a@b", "invalid"], ["a\0b", "invalid"], ["a\nb", "invalid"],
    ["a--b", null], ["007", null],
    ["all", "username_reserved"], ["ADMIN", "username_reserved"], ["me", "too_short"], ["here", "username_reserved"],
    ["Everyone", "username_reserved"], ["channel", "username_reserved"], ["root", "username_reserved"], ["tidings", "username_reserved"],
    ["support", "username_reserved"], ["current", "username_reserved"], ["administrator", "username_reserved"], ["system", "username_reserved"],
  ]) {
    const { status, code: told } = await signUp({ username })
    assert.deepEqual([status, told ?? null], code ? [422, code] : [201, null], username)
  }
})

test("passwords are bounded, in characters", async () => {
  for (const [secret, code] of [
    ["1a2b3c4", "too_short"], ["😀".repeat(7), "too_short"], ["😀".repeat(8), null], ["😀".repeat(256), null],
    ["x".repeat(257), "too_long"], ["xx xx xx", null], ["iloveyou", "password_common"], ["QWERTYUIOP", "password_common"], ["a\0bcdefghijk", "invalid"],
  ]) {
    const username = fresh()
    const { code: told } = await signUp({ username, password: secret })
    assert.equal(told ?? null, code, secret)
    if (!code) await login(site, username, secret)
  }
  assert.equal((await signUp({ username: "long.username", password: "Long.Username" })).code, "password_is_username")
})

test("names and addresses are bounded", async () => {
  for (const [name, code] of [
    ["", "too_short"], ["x", null], ["😀".repeat(100), null], ["😀".repeat(101), "too_long"], [" \u200b\u3000", "invalid"],
    ["a\nb", "invalid"], ["a\0b", "invalid"], ["<script>", null], ["O'Neil \"x\" \\", null],
  ]) {
    const { code: told, body } = await signUp({ username: fresh(), name })
    assert.equal(told ?? null, code, name)
    if (!code) assert.equal(body.name, name)
  }
  for (const [email, code] of [
    [null, null], ["", null], ["a@b", null], ["@b", "invalid"], ["a@", "invalid"], ["a@b@c", "invalid"], ["a b@c", "invalid"],
    [`${"a".repeat(252)}@b`, null], [`${"a".repeat(253)}@b`, "too_long"],
  ])
    assert.equal((await signUp({ username: fresh(), email })).code ?? null, code, String(email))
})

test("what is typed as an invitation is bounded", async () => {
  assert.equal((await signUp({ username: fresh(), invitation: "x".repeat(128) })).code, "gone")
  assert.equal((await signUp({ username: fresh(), invitation: "x".repeat(129) })).code, "too_long")
  assert.equal((await signUp({ username: fresh(), invitation: "" })).code, "too_short")
  assert.equal((await signUp({ username: fresh(), invitation: null })).status, 201)
})

test("everything that is wrong is told at once", async () => {
  const { status, code, body } = await signUp({ username: "-", name: "", password: "short", email: "x", admin: true })
  assert.deepEqual([status, code], [422, "invalid"])
  assert.deepEqual(
    body.errors.map(({ field, code: one }) => `${field} ${one}`).sort(),
    ["admin unknown_field", "email invalid", "name too_short", "password too_short", "username too_short"],
  )
})

test("of two who register a name at once, one has it", async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => signUp({ username: "contested" })))
  const count = (wanted) => answers.filter(({ status }) => status === wanted).length
  assert.equal(count(201), 1)
  assert.equal(count(409), 7)
  assert.equal((await signUp({ username: "contested" })).code, "username_taken")
})

test("people are found by the start of a username or of a word of their name", async () => {
  await signUp({ username: "zeno1", name: "Élodie van Zandt" })
  const found = async (query) => (await ada.get(`/users?query=${encodeURIComponent(query)}`)).body.items.map((one) => one.username)
  for (const query of ["zeno", "ZENO1", "elod", "Élo", "van", "van z", "zandt"]) assert.deepEqual(await found(query), ["zeno1"], query)
  for (const query of ["eno1", "andt", "%", "_eno", "zen%1", "zen\\", "zeno1x", "'", "van  z"]) assert.deepEqual(await found(query), [], query)
  for (const query of ["\\", "\"x", "o'n"]) assert.equal((await found(query)).length, 1, query)
})

test("who is found shows nothing that is theirs alone", async () => {
  const [found] = (await ada.get("/users?query=zeno1")).body.items
  assert.ok(!("email" in found) && !("role" in found) && !("status" in found))
  const one = await ada.get(`/users/${found.id}`)
  assert.deepEqual(one.body, found)
  assert.equal((await administrator(site).get(`/users/${found.id}`)).body.status, "active")
  assert.equal((await ada.get(`/users/${ada.id}`)).body.role, "user")
})

test("pages of people are stable while others register", async () => {
  for (let i = 0; i < 5; i++) await signUp({ username: `page${i}x` })
  const first = await ada.get("/users?query=page&limit=2")
  assert.deepEqual(first.body.items.map((one) => one.username), ["page0x", "page1x"])
  await signUp({ username: "page00" })
  const rest = await ada.pages(first.body.next.replace("/api/v1", ""))
  assert.deepEqual(rest.flat().map((one) => one.username), ["page2x", "page3x", "page4x"])
  assert.deepEqual(rest.map((page) => page.length), [2, 1])
})

test("limits and cursors are checked", async () => {
  for (const limit of ["0", "201", "-1", "x", "1.5", "", "1e2", "%00", "%ff", "%2", "9".repeat(30)]) {
    const { status, code, body } = await ada.get(`/users?limit=${limit}`)
    assert.deepEqual([status, code, body.errors[0].field], [422, "invalid", "limit"], limit)
  }
  for (const limit of [1, 200]) assert.equal((await ada.get(`/users?limit=${limit}`)).status, 200)
  assert.equal((await ada.get("/users")).body.items.length > 5, true)
  for (const cursor of ["", "!", "%00", "w6k", "LWFi", "A".repeat(500), "AAAA=", "\u00e9"].map(encodeURI))
    assert.equal((await ada.get(`/users?cursor=${cursor}`)).code, "invalid", cursor)
  assert.equal((await ada.get("/users?whatever=1&sort=name&&=&a")).status, 200)
  assert.equal((await ada.get(`/users?query=${"x".repeat(100)}`)).status, 200)
  assert.equal((await ada.get(`/users?query=${"%F0%9F%98%80".repeat(100)}`)).status, 200)
  assert.equal((await ada.get(`/users?query=${"%F0%9F%98%80".repeat(101)}`)).code, "too_long")
  assert.equal((await ada.get(`/users?query=${"x".repeat(2049)}`)).code, "too_long")
  assert.equal((await ada.get(`/users?limit=1${"&a=1".repeat(19)}`)).status, 200)
  assert.equal((await ada.get(`/users?limit=1${"&a=1".repeat(20)}`)).code, "invalid")
  assert.equal((await ada.get("/users?query=a+b%20c")).status, 200)
})

test("another organisation's people are not there", async () => {
  const other = await register(site, "otherperson")
  await site.sql(`UPDATE users SET organisation = 'other' WHERE id = ${other.id};
    UPDATE user_words SET organisation = 'other' WHERE user_id = ${other.id}`)
  assert.equal((await ada.get(`/users/${other.id}`)).status, 404)
  assert.equal((await other.get(`/users/${ada.id}`)).status, 404)
  assert.deepEqual((await ada.get("/users?query=otherperson")).body.items, [])
  assert.deepEqual((await other.get("/users?query=ada")).body.items, [])
  assert.equal((await ada.post("/messages", { to: "otherperson", message: "x" })).status, 404)
  assert.equal((await ada.post("/messages", { to: other.id, message: "x" })).status, 404)
  assert.equal((await ada.post("/conversations", { kind: "direct", user_id: other.id })).status, 404)
  assert.equal((await other.get("/me")).body.organisation, "other")
})

test("a disabled person is not there, and cannot come in", async () => {
  const gone = await register(site, "goneperson")
  await site.sql(`UPDATE users SET status = 'disabled' WHERE id = ${gone.id}`)
  assert.equal((await gone.get("/me")).status, 401)
  assert.equal((await ada.get(`/users/${gone.id}`)).status, 404)
  assert.deepEqual((await ada.get("/users?query=goneperson")).body.items, [])
  assert.equal((await stranger(site).post("/sessions", { username: "goneperson", password })).code, "bad_credentials")
  assert.equal((await administrator(site).get(`/users/${gone.id}`)).body.status, "disabled")
})

test("one's profile changes, bit by bit", async () => {
  const eve = await register(site, "eve", { email: "eve@example.org" })
  assert.equal((await eve.patch("/me", {})).body.email, "eve@example.org")
  assert.equal((await eve.patch("/me", { name: "Eve Online" })).body.name, "Eve Online")
  assert.equal((await eve.patch("/me", { email: null })).body.email, null)
  assert.equal((await eve.patch("/me", { email: "e@f" })).body.email, "e@f")
  assert.equal((await eve.patch("/me", { email: "" })).body.email, null)
  assert.equal((await eve.get("/me")).body.name, "Eve Online")
  assert.deepEqual((await ada.get("/users?query=online")).body.items.map((one) => one.username), ["eve"])
  for (const bad of [{ name: " " }, { name: "" }, { name: null }, { username: "x" }, { organisation: "x" }, { role: "admin" }, { email: 5 }])
    assert.equal((await eve.patch("/me", bad)).status, 422)
})

test("a profile that says what it said before tells nobody", async () => {
  const fay = await register(site, "faye", { name: "Fay", email: "fay@example.org" })
  await fay.post("/messages", { to: "ada", message: "hello" })
  const told = async () => Number((await site.sql("SELECT COUNT(*) FROM events WHERE type = 'user_updated'"))[0][0])
  const before = await told()
  assert.equal((await fay.patch("/me", { name: "Fay" })).body.name, "Fay")
  assert.equal((await fay.patch("/me", { name: "Fay", email: "fay@example.org" })).status, 200)
  assert.equal(await told(), before)
  assert.equal((await fay.patch("/me", { name: "Faye" })).body.name, "Faye")
  assert.ok((await told()) > before)
})

test("a closed site has room for an invited administrator alone", async () => {
  const token = await site.tidings("invite", "--uses", "1")
  const admin = await site.tidings("invite", "--admin", "--uses", "1")
  await reconfigure(site, { registration: "closed" })
  for (const invitation of [null, "x", token]) assert.equal((await signUp({ username: fresh(), invitation })).code, "registration_closed")
  const { status, body } = await signUp({ username: "opener", invitation: admin })
  assert.deepEqual([status, body.role], [201, "admin"])
  assert.equal((await signUp({ username: fresh(), invitation: admin })).code, "registration_closed")
})

test("an invitation gives its role, as often as it says", async () => {
  const token = await site.tidings("invite", "--admin", "--uses", "1")
  await reconfigure(site, { registration: "invitation" })
  assert.equal((await signUp({ username: fresh() })).code, "invitation_needed")
  const { status, body } = await signUp({ username: "chief", invitation: token })
  assert.deepEqual([status, body.role], [201, "admin"])
  assert.equal((await signUp({ username: "second", invitation: token })).code, "gone")
  const tenant = await site.tidings("invite", "--organisation", "acme", "--uses", "2")
  assert.equal((await signUp({ username: "acme.one", invitation: tenant })).body.organisation, "acme")
  assert.equal((await signUp({ username: "acme.one", invitation: tenant })).code, "username_taken")
  assert.equal((await signUp({ username: "acme.two", invitation: tenant })).status, 201)
  assert.equal((await signUp({ username: "acme.three", invitation: tenant })).code, "gone")
  await site.sql("UPDATE invitations SET uses_left = 1, expires_at = UTC_TIMESTAMP(3)")
  assert.equal((await signUp({ username: "acme.four", invitation: tenant })).code, "gone")
})
