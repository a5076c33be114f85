// The web servers in front: the same answers behind each.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import http from "node:http"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { WebSocket } from "ws"
import { register } from "../lib/openapi.mjs"
import { checkout, startSite } from "../lib/site.mjs"
import { openSse, openWs } from "../push/streams.mjs"

const policy =
  "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

for (const [web, api] of [["nginx", "fcgi"], ["apache", "fcgi"], ["apache", "cgi"]]) {
  describe(`${web}, ${api}`, () => {
    let site
    before(async () => {
      site = await startSite({ web, api })
    })
    after(() => site.stop())

    const get = (path, options) => fetch(site.url + path, { redirect: "manual", ...options })

    // fetch() tidies paths up; this sends them as they are.
    const raw = (path, headers = {}) =>
      new Promise((done, fail) => {
        http
          .get({ host: "127.0.0.1", port: site.port, path, headers, agent: false }, (answer) => {
            answer.resume()
            done(answer)
          })
          .on("error", fail)
      })

    async function isProblem(answer, status, code) {
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get("content-type"), "application/problem+json")
      const problem = await answer.json()
      assert.equal(problem.status, status)
      assert.equal(problem.code, code)
    }

    test("pages have addresses, a policy and an ETag", async () => {
      const pages = { "/": "index", "/c/17": "index", "/login": "login", "/register": "register" }
      for (const [path, page] of Object.entries(pages)) {
        const answer = await get(path)
        assert.equal(answer.status, 200, path)
        assert.match(answer.headers.get("content-type"), /^text\/html; *charset=utf-8$/i)
        assert.equal(answer.headers.get("content-security-policy"), policy)
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff")
        assert.equal(answer.headers.get("referrer-policy"), "same-origin")
        assert.equal(answer.headers.get("cache-control"), "no-cache")
        assert.equal(await answer.text(), readFileSync(join(checkout, `www/html/${page}.html`), "utf8"))
        const again = await get(path, { headers: { "if-none-match": answer.headers.get("etag") } })
        assert.equal(again.status, 304)
      }
    })

    test("modules come as JavaScript", async () => {
      const answer = await get("/js/tidings.js")
      assert.equal(answer.status, 200)
      assert.match(answer.headers.get("content-type"), /^text\/javascript/)
      assert.equal(answer.headers.get("cache-control"), "no-cache")
      assert.equal(await answer.text(), readFileSync(join(checkout, "www/js/tidings.js"), "utf8"))
    })

    test("anything else is our page with 404", async () => {
      const page = readFileSync(join(checkout, "www/html/404.html"), "utf8")
      for (const path of ["/nothing", "/c/x", "/c/1/2", "/html/index.html", "/js/none.js", "/package.json", "/.git/config"]) {
        const answer = await get(path)
        assert.equal(answer.status, 404, path)
        assert.equal(await answer.text(), page, path)
        assert.equal(answer.headers.get("content-security-policy"), policy)
      }
    })

    test("no path leads out of www", async () => {
      for (const path of ["/js/../../Makefile", "/js/%2e%2e/%2e%2e/Makefile", "/js/..%2f..%2fMakefile", "//etc/passwd"])
        assert.ok([400, 403, 404].includes((await raw(path)).statusCode), path)
    })

    test("the api is reached, and says what is not there", async () => {
      assert.equal((await get("/api/v1/health")).status, 200)
      await isProblem(await get("/api/v1/me"), 401, "unauthenticated")
      await isProblem(await get("/api/v1/no%2Fsuch"), 404, "not_found")
    })

    test("the api hears the authorization header", async () => {
      const answer = await get("/api/v1/users?query=a", { headers: { authorization: `Bearer ${site.adminKey}` } })
      assert.notEqual(answer.status, 401)
    })

    test("a body too long for the web server is a problem too", async () => {
      const answer = await get("/api/v1/users", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "x".repeat(2 << 20),
      })
      await isProblem(answer, 413, "too_large")
    })

    test("push refuses strangers through the web server", async () => {
      await isProblem(await get("/events"), 401, "unauthenticated")
      for (const path of ["/ws", "/ws/chat/1/"]) {
        const socket = new WebSocket(site.url.replace("http", "ws") + path)
        const status = await new Promise((done, fail) => {
          socket.on("unexpected-response", (_, answer) => done(answer.statusCode))
          socket.on("error", fail)
          socket.on("open", () => fail(new Error("let in")))
        })
        assert.equal(status, 401, path)
        socket.terminate()
      }
    })

    test("a message is heard within a second, over SSE and WebSocket", async () => {
      const [ada, bob] = [await register(site, "ada"), await register(site, "bob")]
      const streams = [await openSse(site.url, bob), await openWs(site.url, bob)]
      for (const stream of streams) await stream.next("hello", 1000)

      const sent = await ada.post("/messages", { to: "bob", message: "by REST" })
      assert.equal(sent.status, 201)
      for (const stream of streams)
        assert.equal((await stream.next("chat_message", 1000)).message_id, sent.body.message_id)

      const { conversation_id } = sent.body
      streams[1].send({ type: "message", conversation_id, message: "by WebSocket", client_id: "one" })
      await streams[1].next("message_sent", 1000)
      for (const stream of streams)
        await stream.next(({ type, message }) => type === "chat_message" && message === "by WebSocket", 1000)
      for (const stream of streams) stream.close()
    })

    test("what is away is unavailable, and comes back", async () => {
      await site.notifier.stop()
      const events = await get("/events")
      assert.equal(events.headers.get("retry-after"), "5")
      await isProblem(events, 503, "unavailable")
      await site.notifier.start()
      assert.equal((await get("/events")).status, 401)

      if (api === "cgi") return
      await site.api.stop()
      const health = await get("/api/v1/health")
      assert.equal(health.headers.get("retry-after"), "5")
      await isProblem(health, 503, "unavailable")
      await site.api.start()
      assert.equal((await get("/api/v1/health")).status, 200)
    })
  })
}
