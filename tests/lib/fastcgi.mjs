// The api's program without a web server: as plain CGI, and as one FastCGI
// process spoken to directly, with whatever variables and body a test likes;
// and the site's own processes, as a web server that is a proxy's reaches them.

import { spawn } from "node:child_process"
import { once } from "node:events"
import net from "node:net"
import { join } from "node:path"
import { Client } from "./openapi.mjs"
import { build } from "./site.mjs"
import { until } from "./wait.mjs"

const program = join(build, "api.fcgi")
const environment = (site) => ({ PATH: process.env.PATH, ASAN_OPTIONS: process.env.ASAN_OPTIONS ?? "", TIDINGS_CONFIG: join(site.dir, "var/tidings.conf") })

// What a program wrote, as {status, headers, text}.
function parse(output) {
  const text = output.toString()
  const end = text.indexOf("\r\n\r\n")
  const headers = {}
  for (const line of text.slice(0, end).split("\r\n")) {
    const [, name, value] = /^([^:]+): (.*)$/.exec(line)
    headers[name.toLowerCase()] = name === "Set-Cookie" ? [...(headers["set-cookie"] ?? []), value] : value
  }
  const { status, ...rest } = headers
  return { status: Number(status.slice(0, 3)), headers: rest, text: text.slice(end + 4) }
}

const variables = (method, path, more) => ({
  REQUEST_METHOD: method,
  REQUEST_URI: `/api/v1${path}`,
  QUERY_STRING: path.split("?")[1] ?? "",
  REMOTE_ADDR: "127.0.0.1",
  SERVER_PROTOCOL: "HTTP/1.1",
  ...more,
})

// One request by plain CGI.
export async function cgi(site, method, path, { env = {}, body = "" } = {}) {
  const child = spawn(program, [], { env: { ...environment(site), ...variables(method, path, env) } })
  const chunks = []
  child.stdout.on("data", (chunk) => chunks.push(chunk))
  child.stdin.on("error", () => {})
  child.stdin.end(body)
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`the program ended with ${code}`)
  return parse(Buffer.concat(chunks))
}

function record(type, content) {
  const head = Buffer.alloc(8)
  head.writeUInt8(1, 0)
  head.writeUInt8(type, 1)
  head.writeUInt16BE(1, 2)
  head.writeUInt16BE(content.length, 4)
  return Buffer.concat([head, content])
}

function length(bytes) {
  const size = Buffer.alloc(4)
  size.writeUInt32BE((bytes.length | 0x80000000) >>> 0)
  return size
}

function params(values) {
  const pairs = Object.entries(values).flatMap(([name, value]) => {
    const [n, v] = [Buffer.from(name), Buffer.from(value)]
    return [length(n), length(v), n, v]
  })
  return Buffer.concat(pairs)
}

// One process on a socket of its own.
export class FastCgi {
  static async start(site, name = "one", what = program) {
    const self = new FastCgi()
    self.path = join(site.runDir, `${name}.sock`)
    self.child = spawn("spawn-fcgi", ["-n", "-s", self.path, "--", what], { env: environment(site), stdio: ["ignore", "ignore", "pipe"] })
    self.log = ""
    self.child.stderr.on("data", (text) => (self.log += text))
    self.ended = once(self.child, "exit")
    await until(() => self.connects(), "the socket")
    return self
  }

  connects() {
    return new Promise((done) => {
      const socket = net.connect(this.path, () => {
        socket.destroy()
        done(true)
      })
      socket.on("error", () => done(false))
    })
  }

  // Sends the head of a request; finish(body) sends the rest and answers.
  open(method, path, env = {}) {
    const socket = net.connect(this.path)
    const chunks = []
    const answer = new Promise((done, fail) => {
      socket.on("data", (chunk) => chunks.push(chunk))
      socket.on("error", fail)
      socket.on("close", () => done(FastCgi.#output(Buffer.concat(chunks))))
    })
    socket.write(record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])))
    socket.write(Buffer.concat([record(4, params(variables(method, path, env))), record(4, Buffer.alloc(0))]))
    return {
      finish: async (body = "") => {
        for (let at = 0; at < body.length; at += 60_000) socket.write(record(5, Buffer.from(body.slice(at, at + 60_000))))
        socket.write(record(5, Buffer.alloc(0)))
        return parse(await answer)
      },
    }
  }

  request(method, path, { env, body } = {}) {
    return this.open(method, path, env).finish(body)
  }

  // The content of the records of standard output.
  static #output(bytes) {
    const parts = []
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = bytes.readUInt16BE(at + 4)
      if (bytes[at + 1] === 6) parts.push(bytes.subarray(at + 8, at + 8 + size))
      at += 8 + size + bytes[at + 6]
    }
    return Buffer.concat(parts)
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal)
    const [code] = await this.ended
    return code
  }
}

// A client who comes through a proxy: what its headers say as one arrives.
export class Proxied extends Client {
  send(path, { method, headers, body }) {
    const env = { HTTP_HOST: new URL(this.site.url).host }
    for (const [name, value] of Object.entries(headers)) {
      const variable = name.toUpperCase().replaceAll("-", "_")
      env[variable.startsWith("CONTENT_") ? variable : `HTTP_${variable}`] = String(value)
    }
    const processes = Object.assign(new FastCgi(), { path: join(this.site.runDir, "api.sock") })
    return processes.request(method, path, { env, body })
  }
}
