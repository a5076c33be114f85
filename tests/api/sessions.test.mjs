// Logging in and out, throttling, passwords.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { Proxied } from "../lib/fastcgi.mjs"
import { Client, login, password, register, stranger } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada

before(async () => {
  site = await startSite({ settings: { rate_login_account: 5, rate_login_address: 12, argon2_at_once: 1 } })
  ada = await register(site, "ada")
})
after(() => site.stop())

// From an address of one's own, told by a trusted proxy.
const from = (address) => new Proxied(site, { "x-real-ip": address })
const tries = (client, username, secret = "wrong wrong") => client.post("/sessions", { username, password: secret })

test("a log-in answers with a token that is a bearer's and a cookie's", async () => {
  const { status, body, headers } = await stranger(site).post("/sessions", { username: "ada", password }, { headers: { "user-agent": "tests/1" } })
  assert.equal(status, 201)
  assert.equal(body.user.id, ada.id)
  assert.equal(headers["set-cookie"][0], `tidings_session=${body.token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000`)
  const days = (new Date(body.expires_at) - Date.now()) / 86_400_000
  assert.ok(days > 29.9 && days < 30.1)
  for (const credentials of [
    { authorization: `Bearer ${body.token}` },
    { cookie: `tidings_session=${body.token}` },
    { cookie: `a=b; tidings_session="${body.token}" ; c=d` },
    { cookie: `tidings_session=; tidings_session=${body.token}` },
  ])
    assert.equal((await new Client(site, credentials).get("/me")).body.username, "ada")
  assert.equal((await new Client(site, { cookie: `xtidings_session=${body.token}` }).get("/me")).status, 401)
  const [session] = (await ada.get("/sessions")).body.items
  assert.deepEqual([session.user_agent, session.address, session.current], ["tests/1", "127.0.0.1", false])
})

test("behind https the cookie is secure", async () => {
  const proxied = new Proxied(site, { "x-forwarded-proto": "https" })
  const { headers } = await proxied.post("/sessions", { username: "ada", password })
  assert.match(headers["set-cookie"][0], /; Secure$/)
})

test("a token has at most 512 bytes", async () => {
  for (const [length, status] of [[512, 200], [513, 401]]) {
    const token = "x".repeat(length)
    await site.sql(`INSERT INTO sessions (user_id, token_hash, created_at, last_used_at, expires_at, address, user_agent)
      VALUES (${ada.id}, UNHEX(SHA2('${token}', 256)), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 1 DAY, '', '')`)
    assert.equal((await new Client(site, { authorization: `Bearer ${token}` }).get("/me")).status, status, length)
    await site.sql(`DELETE FROM sessions WHERE token_hash = UNHEX(SHA2('${token}', 256))`)
  }
})

test("of a browser's name 255 characters are kept", async () => {
  for (const [agent, kept] of [["x".repeat(255), 255], ["x".repeat(256), 255], ["x".repeat(2000), 255]]) {
    await stranger(site).post("/sessions", { username: "ada", password }, { headers: { "user-agent": agent } })
    assert.equal((await ada.get("/sessions?limit=1")).body.items[0].user_agent, "x".repeat(kept))
  }
})

test("only a hash of the token is kept", async () => {
  const rows = await site.sql(`SELECT HEX(token_hash) = SHA2('${ada.token}', 256) FROM sessions WHERE user_id = ${ada.id} ORDER BY id LIMIT 1`)
  assert.deepEqual(rows, [["1"]])
})

test("one sees and ends one's own sessions, and nobody else's", async () => {
  const bob = await register(site, "bob")
  const second = await login(site, "bob")
  const list = (await bob.get("/sessions")).body.items
  assert.deepEqual(list.map((one) => one.current), [false, true])
  const other = list.find((one) => !one.current).session_id
  assert.equal((await ada.delete(`/sessions/${other}`)).status, 204)
  assert.equal((await second.get("/me")).status, 200)
  for (let i = 0; i < 2; i++) assert.equal((await bob.delete(`/sessions/${other}`)).status, 204)
  assert.equal((await second.get("/me")).status, 401)
  const out = await bob.delete("/sessions/current")
  assert.match(out.headers["set-cookie"][0], /^tidings_session=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0$/)
  assert.equal((await bob.get("/me")).status, 401)
  const ended = await site.sql(`SELECT COUNT(*) FROM events WHERE type = 'session_ended' AND user_id = ${bob.id}`)
  assert.deepEqual(ended, [["2"]])
})

test("sessions come in pages, and no more than a hundred are kept", async () => {
  const many = await register(site, "many")
  await site.sql(
    `INSERT INTO sessions (user_id, token_hash, created_at, last_used_at, expires_at, address, user_agent)
     SELECT ${many.id}, UNHEX(SHA2(CONCAT('x', seq), 256)), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL seq SECOND,
       UTC_TIMESTAMP(3) + INTERVAL 1 DAY, '', '' FROM seq_1_to_99`,
  )
  assert.equal((await many.get("/sessions?limit=200")).body.items.length, 100)
  await login(site, "many")
  const pages = await many.pages("/sessions?limit=40")
  assert.deepEqual(pages.map((page) => page.length), [40, 40, 20])
  const ids = pages.flat().map((one) => one.session_id)
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => b - a))
})

test("a session that has run out is none", async () => {
  const brief = await register(site, "brief")
  await site.sql(`UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) WHERE user_id = ${brief.id}`)
  assert.equal((await brief.get("/me")).status, 401)
})

test("a session that is used is put off", async () => {
  const keen = await register(site, "keen")
  await site.sql(`UPDATE sessions SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL 2 MINUTE,
    expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE WHERE user_id = ${keen.id}`)
  const { body } = await keen.get("/sessions")
  assert.ok(new Date(body.items[0].expires_at) - Date.now() > 86_400_000)
})

test("a failed log-in does not tell whether the account exists", async () => {
  const answers = []
  for (const username of ["ada", "nobody.at.all", "not a username!", "x".repeat(256), "\u00e9".repeat(200)])
    answers.push(await tries(from("192.0.2.1"), username))
  assert.equal((await tries(from("192.0.2.1"), "x".repeat(257))).code, "too_long")
  for (const { status, text } of answers) assert.deepEqual([status, text], [401, answers[0].text])
})

test("nor does the time it takes", async () => {
  await register(site, "timed")
  const median = async (username) => {
    const times = []
    for (let i = 0; i < 5; i++) {
      const start = performance.now()
      assert.equal((await tries(from(`192.0.2.${20 + i}`), username)).status, 401)
      times.push(performance.now() - start)
    }
    return times.sort((a, b) => a - b)[2]
  }
  const ratio = (await median("timed")) / (await median("untimed"))
  assert.ok(ratio > 0.4 && ratio < 2.5, `one takes ${ratio} times as long as the other`)
})

test("too many failures for an account are refused, however many come at once", async () => {
  await register(site, "target")
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => tries(from(`198.51.100.${i}`), "target")))
  const refused = answers.filter(({ status }) => status === 429)
  assert.equal(answers.filter(({ status }) => status === 401).length, 5)
  assert.equal(refused.length, 15)
  for (const { headers } of refused) assert.ok(headers["retry-after"] >= 1 && headers["retry-after"] <= 300)
  // Even with the right password, until the time has passed.
  assert.equal((await tries(from("198.51.100.99"), "TARGET", password)).status, 429)
  await site.sql("UPDATE login_attempts SET attempted_at = attempted_at - INTERVAL 301 SECOND WHERE account = 'target'")
  assert.equal((await tries(from("198.51.100.99"), "target", password)).status, 201)
})

test("an account that does not exist is throttled like one that does", async () => {
  const statuses = []
  for (let i = 0; i < 7; i++) statuses.push((await tries(from(`198.51.101.${i}`), "phantom")).status)
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429])
})

test("successes are not counted", async () => {
  await register(site, "often")
  for (let i = 0; i < 20; i++) assert.equal((await tries(from("203.0.113.5"), "often", password)).status, 201)
})

test("too many failures from an address are refused", async () => {
  const statuses = []
  for (let i = 0; i < 14; i++) statuses.push((await tries(from("203.0.113.7"), `spray${i}`)).status)
  assert.deepEqual(statuses, [...Array(12).fill(401), 429, 429])
  assert.equal((await tries(from("203.0.113.8"), "spray1")).status, 401)
})

test("a new password ends one's other sessions and keeps this one", async () => {
  const dan = await register(site, "dan")
  const other = await login(site, "dan")
  const change = (current_password, new_password) => dan.post("/me/password", { current_password, new_password })
  assert.equal((await change("wrong wrong", "another secret")).code, "bad_credentials")
  assert.equal((await change(password, "another secret")).status, 204)
  assert.equal((await other.get("/me")).status, 401)
  assert.equal((await dan.get("/me")).status, 200)
  assert.equal((await tries(from("203.0.113.20"), "dan", password)).status, 401)
  await login(site, "dan", "another secret")
})

test("no more passwords are hashed at once than the setting says, and a dead process holds nothing", async () => {
  const locks = readdirSync(site.runDir).filter((name) => name.startsWith("argon2."))
  assert.deepEqual(locks, ["argon2.0.lock"])
  const path = join(site.runDir, locks[0])
  const holder = spawn("flock", [path, "sh", "-c", "echo held; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"], detached: true })
  await new Promise((done) => holder.stdout.once("data", done))
  let answered = 0
  const waiting = Array.from({ length: 12 }, () => login(site, "dan", "another secret").then(() => answered++))
  // However many wait, nobody else does.
  for (const path of ["/me", "/start", "/conversations"]) assert.equal((await ada.get(path)).status, 200)
  assert.equal(answered, 0)
  process.kill(-holder.pid, "SIGKILL")
  await Promise.all(waiting)
  assert.equal(answered, 12)
})

test("a password is hashed anew when the settings changed", async () => {
  const hash = async () => (await site.sql("SELECT password_hash FROM users WHERE username = 'ada'"))[0][0]
  const before = await hash()
  assert.match(before, /^\$argon2id\$v=19\$m=8192,t=1,p=1\$/)
  await reconfigure(site, { argon2_memory_kib: 9216 })
  await login(site, "ada")
  const after = await hash()
  assert.match(after, /m=9216,/)
  await login(site, "ada")
  assert.equal(await hash(), after)
})

test("a ticket belongs to the session that asked", async () => {
  const { body } = await ada.post("/tickets", {})
  const seconds = (new Date(body.expires_at) - Date.now()) / 1000
  assert.ok(seconds > 25 && seconds <= 30)
  const rows = await site.sql(`SELECT s.user_id FROM tickets t JOIN sessions s ON s.id = t.session_id
    WHERE HEX(t.token_hash) = SHA2('${body.ticket}', 256)`)
  assert.deepEqual(rows, [[String(ada.id)]])
  assert.notEqual((await ada.call("POST", "/tickets")).body.ticket, body.ticket)
})
