// Who may change something with a cookie that the browser adds by itself.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Proxied } from "../lib/fastcgi.mjs"
import { Client, password, register, stranger } from "../lib/openapi.mjs"
import { reconfigure } from "../lib/reconfigure.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada, browser

before(async () => {
  site = await startSite({ settings: { allowed_origins: "https://shop.example http://localhost:3000", rate_login_account: 0 } })
  ada = await register(site, "ada")
  browser = new Client(site, { cookie: ada.cookie })
})
after(() => site.stop())

const own = () => site.url
const port = () => new URL(site.url).port

// Headers, and whether a request with a cookie and one without may pass.
const matrix = () => [
  [{}, false, true],
  [{ "sec-fetch-site": "same-origin" }, true, true],
  [{ "sec-fetch-site": "none" }, true, true],
  [{ "sec-fetch-site": "same-site" }, false, false],
  [{ "sec-fetch-site": "cross-site" }, false, false],
  [{ "sec-fetch-site": "nonsense" }, false, false],
  [{ "sec-fetch-site": "Same-Origin" }, false, false],
  [{ "sec-fetch-site": "same-origin", origin: "https://evil.example" }, true, true],
  [{ "sec-fetch-site": "cross-site", origin: own() }, false, false],
  [{ "sec-fetch-site": "cross-site", origin: "https://shop.example" }, true, true],
  [{ "sec-fetch-site": "same-site", origin: "https://evil.example" }, false, false],
  [{ origin: own() }, true, true],
  [{ origin: own().toUpperCase() }, true, true],
  [{ origin: `${own()}/` }, false, false],
  [{ origin: own().replace("http:", "https:") }, false, false],
  [{ origin: "http://127.0.0.1" }, false, false],
  [{ origin: `${own()}0` }, false, false],
  [{ origin: `http://evil.example:${port()}` }, false, false],
  [{ origin: `http://127.0.0.1:${port()}.evil.example` }, false, false],
  [{ origin: "null" }, false, false],
  [{ origin: "https://shop.example" }, true, true],
  [{ origin: "http://localhost:3000" }, true, true],
  [{ origin: "https://shop.example.evil.example" }, false, false],
  [{ origin: "http://shop.example" }, false, false],
  [{ origin: "shop.example" }, false, false],
  [{ referer: `${own()}/` }, false, true],
]

test("a request with a cookie must come from a page of ours", async () => {
  for (const [headers, may] of matrix()) {
    const { status, code } = await browser.post("/tickets", {}, { headers })
    assert.deepEqual([status, code], may ? [201, undefined] : [403, "cross_origin"], JSON.stringify(headers))
  }
})

test("every method that changes something is held to it", async () => {
  const headers = { origin: "https://evil.example" }
  for (const [method, path] of [["PATCH", "/me"], ["DELETE", "/sessions/current"], ["DELETE", "/sessions/1"], ["POST", "/messages"], ["POST", "/me/password"]])
    assert.equal((await browser.call(method, path, { json: {}, headers })).code, "cross_origin", `${method} ${path}`)
  assert.equal((await browser.get("/me", { headers })).status, 200)
})

test("a log-in and a registration from a page elsewhere are refused", async () => {
  for (const [index, [headers, , may]] of matrix().entries()) {
    const session = await stranger(site).post("/sessions", { username: "ada", password }, { headers })
    assert.equal(session.status, may ? 201 : 403, JSON.stringify(headers))
    const user = await stranger(site).post("/users", { username: `person${index}`, name: "X", password }, { headers })
    assert.equal(user.status, may ? 201 : 403, JSON.stringify(headers))
  }
})

test("a bearer is no browser, wherever it comes from", async () => {
  for (const [headers] of matrix()) {
    assert.equal((await ada.post("/tickets", {}, { headers })).status, 201)
    const both = new Client(site, { ...ada.credentials, cookie: ada.cookie })
    assert.equal((await both.post("/tickets", {}, { headers })).status, 201)
  }
})

const proxied = () => new Proxied(site, { cookie: ada.cookie })

test("behind a trusted proxy the scheme is what it says", async () => {
  const ask = (headers) => proxied().post("/tickets", {}, { headers })
  const https = own().replace("http:", "https:")
  assert.equal((await ask({ "x-forwarded-proto": "https", origin: https })).status, 201)
  assert.equal((await ask({ "x-forwarded-proto": "https", origin: own() })).status, 403)
  assert.equal((await ask({ host: "chat.example", "x-forwarded-proto": "https", origin: "https://chat.example" })).status, 201)
  assert.equal((await ask({ host: "chat.example:443", "x-forwarded-proto": "https", origin: "https://chat.example" })).status, 201)
  assert.equal((await ask({ host: "chat.example", origin: "http://chat.example:80" })).status, 201)
  assert.equal((await ask({ host: "chat.example:8443", "x-forwarded-proto": "https", origin: "https://chat.example" })).status, 403)
})

test("who is not trusted cannot say the scheme or the address", async () => {
  await reconfigure(site, { trusted_proxies: "192.0.2.1" })
  const ask = (headers) => proxied().post("/tickets", {}, { headers })
  const https = { "x-forwarded-proto": "https", origin: own().replace("http:", "https:") }
  assert.equal((await ask(https)).status, 403)
  assert.equal((await ask({ "x-forwarded-proto": "https", origin: own() })).status, 201)
  const told = await new Proxied(site).post("/sessions", { username: "ada", password }, { headers: { "x-real-ip": "198.51.100.1", "user-agent": "liar" } })
  const { body } = await new Client(site, { authorization: `Bearer ${told.body.token}` }).get("/sessions?limit=1")
  assert.deepEqual([body.items[0].user_agent, body.items[0].address], ["liar", "127.0.0.1"])
})

test("the public address, where it is set, is the only one", async () => {
  await reconfigure(site, { public_url: "https://chat.example/app" })
  const ask = (headers) => browser.post("/tickets", {}, { headers })
  assert.equal((await ask({ origin: "https://chat.example" })).status, 201)
  assert.equal((await ask({ origin: own() })).status, 403)
  assert.equal((await ask({ origin: "http://chat.example" })).status, 403)
  assert.equal((await ask({ origin: "https://shop.example" })).status, 201)
  const { headers } = await stranger(site).post("/sessions", { username: "ada", password })
  assert.match(headers["set-cookie"][0], /; Secure$/)
})
