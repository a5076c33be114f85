// The same api behind Apache: by FastCGI, and as plain CGI.

import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { Client, administrator, password, register, stranger } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

for (const api of ["fcgi", "cgi"])
  describe(`behind Apache, by ${api}`, () => {
    let site, ada

    before(async () => {
      site = await startSite({ web: "apache", api })
      ada = await register(site, "ada")
      await register(site, "bob")
    })
    after(() => site.stop())

    test("headers and credentials get through", async () => {
      assert.equal((await stranger(site).get("/me")).status, 401)
      assert.equal((await administrator(site).get("/me")).body.role, "admin")
      const browser = new Client(site, { cookie: ada.cookie })
      assert.equal((await browser.get("/me")).body.username, "ada")
      assert.equal((await browser.post("/tickets", {})).code, "cross_origin")
      assert.equal((await browser.post("/tickets", {}, { headers: { origin: site.url } })).status, 201)
      assert.equal((await browser.post("/tickets", {}, { headers: { "sec-fetch-site": "same-origin" } })).status, 201)
      const headers = { "idempotency-key": "k" }
      const ask = () => ada.post("/conversations", { kind: "direct", user_id: 3 }, { headers })
      assert.deepEqual([(await ask()).status, (await ask()).headers["idempotent-replayed"]], [201, "true"])
    })

    test("every method gets through, and HEAD has no body", async () => {
      assert.equal((await ada.patch("/me", { name: "Ada Lovelace" })).body.name, "Ada Lovelace")
      assert.equal((await ada.delete("/sessions/999")).status, 204)
      const { status, headers } = await ada.call("PUT", "/users")
      assert.deepEqual([status, headers.allow], [405, "GET, HEAD, POST"])
      assert.equal((await ada.call("HEAD", "/me")).status, 200)
    })

    test("queries and odd paths get through as they are", async () => {
      assert.equal((await ada.get("/users?query=l%6Fv&limit=%31")).body.items[0].username, "ada")
      assert.equal((await ada.get("/users?limit=%00")).code, "invalid")
      for (const path of ["/users/x", "/users/1%31x", "/health/", "/nothing"]) assert.equal((await ada.get(path)).status, 404, path)
    })

    test("bodies get through: whole, in chunks, and too large", async () => {
      const send = (body, headers) => ada.post("/messages", undefined, { body, headers })
      const text = JSON.stringify({ to: "bob", message: "😀".repeat(10000) })
      assert.equal((await send(text)).body.message.length, 20000)
      assert.equal((await send(text, { "transfer-encoding": "chunked" })).status, 201)
      assert.equal((await send("x".repeat(131073))).code, "too_large")
      assert.equal((await send(" ".repeat(200_000), { "transfer-encoding": "chunked" })).code, "too_large")
      assert.equal((await send("x".repeat(900_000))).code, "too_large")
      assert.equal((await stranger(site).call("POST", "/tickets", { body: "x".repeat(900_000) })).code, "unauthenticated")
      assert.equal((await send("{")).code, "not_json")
      assert.equal((await send(Buffer.from([0x22, 0xff, 0x22]))).code, "not_json")
      assert.equal((await ada.call("POST", "/tickets")).status, 201)
    })

    test("answers of every size arrive whole", async () => {
      let conversation
      for (let i = 0; i < 20; i++)
        conversation = (await ada.post("/messages", { to: "bob", message: `${i}${"é".repeat(9000)}` })).body.conversation_id
      const { body } = await ada.get(`/conversations/${conversation}/messages?limit=20`)
      assert.deepEqual(body.items.map((one) => one.message.length), Array.from({ length: 20 }, (_, i) => 9000 + String(19 - i).length))
    })

    test("many at once are all answered", async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ada.post("/messages", { to: "bob", message: `${i}` })))
      assert.ok(answers.every(({ status }) => status === 201))
      const login = await stranger(site).post("/sessions", { username: "ada", password })
      assert.equal(login.status, 201)
    })
  })
