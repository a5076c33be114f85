// CGI and FastCGI: what a web server would not let through, and when a
// process ends.

import assert from "node:assert/strict"
import { appendFileSync, copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { FastCgi, cgi } from "../lib/fastcgi.mjs"
import { password, register, verify } from "../lib/openapi.mjs"
import { build, startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"

let site, ada, auth

before(async () => {
  site = await startSite({ settings: { api_requests_max: 500 } })
  ada = await register(site, "ada")
  await register(site, "bob")
  auth = { HTTP_AUTHORIZATION: ada.credentials.authorization }
})
after(() => site.stop())

const json = { CONTENT_TYPE: "application/json" }
const checked = (method, path, answer) => ({ ...answer, body: verify(method, path, answer) })

// The same questions by both ways.
async function each(ask) {
  await ask(async (method, path, options) => checked(method, path, await cgi(site, method, path, options)))
  const process = await FastCgi.start(site)
  await ask(async (method, path, options) => checked(method, path, await process.request(method, path, options)))
  assert.equal(await process.stop(), 0)
  assert.equal(process.log, "")
}

test("a request is answered by CGI and by FastCGI", () =>
  each(async (ask) => {
    assert.equal((await ask("GET", "/health")).status, 200)
    assert.equal((await ask("GET", "/me", { env: auth })).body.username, "ada")
    assert.equal((await ask("GET", "/me")).status, 401)
    assert.equal((await ask("HEAD", "/health")).text, "")
    assert.equal((await ask("DELETE", "/sessions/999", { env: auth })).status, 204)
    const body = JSON.stringify({ to: "bob", message: "by hand 😀" })
    const sent = await ask("POST", "/messages", { env: { ...auth, ...json, CONTENT_LENGTH: String(Buffer.byteLength(body)) }, body })
    assert.deepEqual([sent.status, sent.body.message], [201, "by hand 😀"])
  }))

test("a length that lies or is no number is refused", () =>
  each(async (ask) => {
    const send = async (CONTENT_LENGTH, body) => {
      const { status, body: problem } = await ask("POST", "/messages", { env: { ...auth, ...json, CONTENT_LENGTH }, body })
      return [status, problem.code]
    }
    const body = '{"to":"bob","message":"x"}'
    assert.deepEqual(await send("1000", body), [400, "invalid"])
    for (const bad of ["x", "-1", "1x", "1.5", " 5", "0x10", "+5"]) assert.deepEqual(await send(bad, body), [400, "invalid"], bad)
    for (const big of ["131073", "99999999999999999999999", "18446744073709551617"]) assert.deepEqual(await send(big, body), [413, "too_large"], big)
    assert.deepEqual(await send("0", body), [400, "not_json"])
    assert.deepEqual(await send("", body), [400, "not_json"])
    // What is more than it says is not read.
    assert.deepEqual(await send(String(body.length), `${body} and more`), [201, undefined])
  }))

test("a body in chunks has no length, and is bounded all the same", () =>
  each(async (ask) => {
    const env = { ...auth, ...json, HTTP_TRANSFER_ENCODING: "chunked" }
    assert.equal((await ask("POST", "/messages", { env, body: '{"to":"bob","message":"x"}' })).status, 201)
    assert.equal((await ask("POST", "/messages", { env, body: " ".repeat(131073) })).status, 413)
    assert.equal((await ask("POST", "/tickets", { env, body: "" })).status, 201)
  }))

test("the path is taken from where the server put it", () =>
  each(async (ask) => {
    assert.equal((await ask("GET", "/me/unread?x=1", { env: auth })).status, 200)
    for (const REQUEST_URI of ["http://chat.example/api/v1/me?a=/b", "HTTPS://chat.example:8443/api/v1/me"])
      assert.equal((await ask("GET", "/me", { env: { ...auth, REQUEST_URI } })).body.username, "ada", REQUEST_URI)
    for (const REQUEST_URI of ["http://chat.example/other", "http://chat.example", "http://", "*", "api/v1/me"])
      assert.equal((await ask("GET", "/nothing", { env: { ...auth, REQUEST_URI } })).status, 404, REQUEST_URI)
    assert.equal((await ask("GET", "/me", { env: { ...auth, PATH_INFO: "/api/v1/me", REQUEST_URI: "/other" } })).status, 200)
    assert.equal((await ask("GET", "/me", { env: { ...auth, DOCUMENT_URI: "/api/v1/me", REQUEST_URI: "/other" } })).status, 200)
  }))

const connections = async () =>
  (await site.sql("SELECT 1 FROM information_schema.processlist WHERE user = 'tidings'")).length

test("a process told to stop finishes its request first", async () => {
  for (const signal of ["SIGTERM", "SIGUSR1"]) {
    const process = await FastCgi.start(site, signal)
    const body = JSON.stringify({ to: "bob", message: signal })
    const before = await connections()
    const request = process.open("POST", "/messages", { ...auth, ...json, CONTENT_LENGTH: String(body.length) })
    // It asks who we are before it reads the body.
    await until(async () => (await connections()) > before, "its connection to the database")
    process.child.kill(signal)
    const { status } = await request.finish(body)
    assert.equal(status, 201)
    const [code] = await process.ended
    assert.equal(code, 0)
  }
})

test("an idle process stops at once", async () => {
  const process = await FastCgi.start(site, "idle")
  assert.equal((await process.request("GET", "/health")).status, 200)
  const start = Date.now()
  assert.equal(await process.stop(), 0)
  assert.ok(Date.now() - start < 900, "it waited for its timeout")
})

test("a process ends after so many requests", async () => {
  const process = await FastCgi.start(site, "many")
  for (let i = 0; i < 500; i++) assert.equal((await process.request("GET", "/health")).status, 200)
  const [code] = await process.ended
  assert.equal(code, 0)
})

test("a process ends when its settings changed, and nobody notices", async () => {
  const process = await FastCgi.start(site, "change")
  assert.equal((await process.request("GET", "/health")).status, 200)
  utimesSync(join(site.dir, "var/tidings.conf"), new Date(), new Date(Date.now() - 1000))
  const load = Promise.all(Array.from({ length: 200 }, () => ada.get("/me")))
  const [code] = await process.ended
  assert.equal(code, 0)
  assert.match(process.log, /the settings changed: ending/)
  for (const { status } of await load) assert.equal(status, 200)
})

test("a connection that ends in the middle costs nothing", async () => {
  const process = await FastCgi.start(site, "cut")
  for (let i = 0; i < 5; i++) await process.connects()
  const request = process.open("POST", "/messages", { ...auth, ...json, CONTENT_LENGTH: "100" })
  const { status } = await request.finish('{"to":')
  assert.equal(status, 400)
  assert.equal((await process.request("GET", "/ready")).status, 200)
  assert.equal(await process.stop(), 0)
})

test("a lost database connection is made again", async () => {
  const process = await FastCgi.start(site, "again")
  const body = JSON.stringify({ username: "ada", password })
  const ask = {
    read: () => process.request("GET", "/me", { env: auth }),
    // Its first statement writes.
    write: () => process.request("POST", "/sessions", { env: { ...json, CONTENT_LENGTH: String(body.length) }, body }),
  }
  assert.equal((await ask.read()).status, 200)
  for (const [name, status] of [["read", 200], ["write", 201]]) {
    for (const [id] of await site.sql("SELECT id FROM information_schema.processlist WHERE user = 'tidings' AND command = 'Sleep'"))
      await site.sql(`KILL ${id}`).catch(() => {})
    assert.equal((await ask[name]()).status, status, name)
  }
  assert.equal(await process.stop(), 0)
})

test("settings that are none change nothing", async () => {
  const process = await FastCgi.start(site, "typo")
  assert.equal((await process.request("GET", "/health")).status, 200)
  const settings = join(site.dir, "var/tidings.conf")
  const good = readFileSync(settings)
  appendFileSync(settings, "registratoin = closed\n")
  await until(() => /going on with the settings from before/.test(process.log), "the complaint")
  assert.match(process.log, /registratoin/)
  assert.equal((await process.request("GET", "/me", { env: auth })).status, 200)
  writeFileSync(settings, good)
  const [code] = await process.ended
  assert.equal(code, 0)
})

test("a process ends when its program changed", async () => {
  const [program, next] = ["api.fcgi", "next.fcgi"].map((name) => join(site.dir, name))
  copyFileSync(join(build, "api.fcgi"), program)
  const process = await FastCgi.start(site, "program", program)
  assert.equal((await process.request("GET", "/health")).status, 200)
  copyFileSync(program, next)
  renameSync(next, program)
  const [code] = await process.ended
  assert.equal(code, 0)
})
