// What the web server answers by itself: what never reaches the api or the
// notifier is told in their form, and what a client says about itself as if it
// were a proxy goes no further.

import assert from "node:assert/strict"
import net from "node:net"
import { after, before, describe, test } from "node:test"
import { Client, password, stranger } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

for (const [web, api] of [["nginx", "fcgi"], ["apache", "fcgi"], ["apache", "cgi"]])
  describe(`${web}, ${api}`, () => {
    let site
    before(async () => {
      site = await startSite({ web, api })
    })
    after(() => site.stop())

    // Bytes as no client library would send them, and the answer to them.
    const raw = (head, body = "") =>
      new Promise((done, fail) => {
        const socket = net.connect(site.port, "127.0.0.1")
        const chunks = []
        socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${head.slice(0, 200)}`)))
        socket.on("data", (chunk) => chunks.push(chunk))
        // What is left unread of a request is reset, after the answer.
        socket.on("error", (error) => (chunks.length > 0 ? done(parse(chunks)) : fail(error)))
        socket.on("end", () => done(parse(chunks)))
        socket.write(`${head}\r\n\r\n${body}`)
      })

    function parse(chunks) {
      const text = Buffer.concat(chunks).toString()
      const [head, ...rest] = text.split("\r\n\r\n")
      const [line, ...lines] = head.split("\r\n")
      const headers = Object.fromEntries(lines.map((one) => [one.split(":")[0].toLowerCase(), one.replace(/^[^:]*: */, "")]))
      const body = rest.join("\r\n\r\n")
      const [, chunk] = /^[0-9a-f]+\r\n([^]*?)\r\n0\r\n/.exec(body) ?? []
      return { status: Number(line.split(" ")[1]), headers, body: headers["transfer-encoding"] === "chunked" ? chunk : body }
    }

    const ask = (method, path, { version = "HTTP/1.1", headers = [], body } = {}) =>
      raw([`${method} ${path} ${version}`, "Host: localhost", "Connection: close", ...headers].join("\r\n"), body)

    function isProblem(answer, status, code, what) {
      assert.equal(answer.status, status, what)
      assert.equal(answer.headers["content-type"], "application/problem+json", what)
      const problem = JSON.parse(answer.body)
      assert.deepEqual([problem.status, problem.code], [status, code], what)
    }

    const chunked = ["Content-Type: application/json", "Transfer-Encoding: chunked"]

    test("a request that cannot be read is a problem", async () => {
      for (const path of ["/api/v1/me", "/events", "/ws"]) {
        isProblem(await ask("GET", path, { headers: [`X-A: ${"a".repeat(40_000)}`] }), 400, "invalid", `${path}, long header`)
        isProblem(await raw(`GET ${path} HTTP/1.1\r\nConnection: close`), 400, "invalid", `${path}, no host`)
      }
      isProblem(await ask("GET", `/api/v1/me?${"a".repeat(40_000)}`), 414, "too_large", "long address")
      isProblem(await ask("POST", "/api/v1/users", { headers: ["Content-Length: x"] }), 400, "invalid", "length")
    })

    test("a body that cannot be read is a problem", async () => {
      isProblem(await ask("POST", "/api/v1/users", { headers: chunked, body: "zz\r\n" }), 400, "invalid", "chunk")
      isProblem(await ask("POST", "/api/v1/users", { headers: chunked, body: `200000\r\n${"x".repeat(0x200000)}\r\n0\r\n\r\n` }), 413, "too_large", "chunks")
    })

    test("what the web server cannot do is a problem", async () => {
      isProblem(await ask("POST", "/api/v1/users", { headers: ["Transfer-Encoding: gzip"] }), web === "nginx" ? 501 : 400, "invalid", "encoding")
      // Apache takes it for HTTP/1.1.
      if (web === "nginx") isProblem(await ask("GET", "/api/v1/me", { version: "HTTP/9.9" }), 505, "invalid", "version")
      else isProblem(await ask("GET", "/api/v1/me", { headers: ["Expect: wonders"] }), 417, "invalid", "expectation")
    })

    test("an address that is none is a problem", async () => {
      isProblem(await ask("GET", "/api"), 404, "not_found", "no more than a prefix")
      isProblem(await ask("GET", "/api/v1/users/%zz"), 400, "invalid", "no escape")
      const [status, code] = web === "nginx" ? [400, "invalid"] : [404, "not_found"]
      isProblem(await ask("GET", "/api/v1/users/%00"), status, code, "NUL")
    })

    test("what is not done here is told with what is", async () => {
      const allowed = { "/api/v1/me": "GET, HEAD, POST, PUT, PATCH, DELETE", "/events": "GET", "/ws": "GET", "/": "GET, HEAD", "/js/tidings.js": "GET, HEAD" }
      for (const [path, allow] of Object.entries(allowed)) {
        const answer = await ask("TRACE", path)
        isProblem(answer, 405, "method_not_allowed", path)
        assert.equal(answer.headers.allow, allow, path)
      }
      const answer = await ask("PUT", "/", { headers: ["Content-Length: 0"] })
      isProblem(answer, 405, "method_not_allowed", "PUT /")
      assert.equal(answer.headers.allow, "GET, HEAD")
    })

    test("what nobody asks for has no address", async () => {
      for (const path of ["/errors/503.json", "/errors/404.html", "/errors/", "/errors"]) {
        const answer = await ask("GET", path)
        assert.equal(answer.status, 404, path)
        assert.match(answer.headers["content-type"], /^text\/html/, path)
      }
    })

    test("no client says its own address or scheme", async () => {
      const headers = { "x-real-ip": "198.51.100.7", x_real_ip: "198.51.100.8", "x-forwarded-proto": "https", "user-agent": "liar" }
      await stranger(site).post("/users", { username: "ada", name: "Ada", password })
      const { body, headers: told } = await stranger(site).post("/sessions", { username: "ada", password }, { headers })
      assert.doesNotMatch(told["set-cookie"][0], /Secure/)
      const { body: sessions } = await new Client(site, { authorization: `Bearer ${body.token}` }).get("/sessions?limit=1")
      assert.deepEqual([sessions.items[0].user_agent, sessions.items[0].address], ["liar", "127.0.0.1"])
    })
  })
