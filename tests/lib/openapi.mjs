// A client that holds every answer against api/openapi.yaml: status, code,
// headers and body, and every request that was taken.  Every call of every API
// test goes through it.
//
//   const ada = await register(site, "ada")
//   const { status, body } = await ada.post("/messages", { to: "bob", message: "hi" })
//
// What the document does not say is an AssertionError here.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import http from "node:http"
import Ajv from "ajv"
import addFormats from "ajv-formats"
import YAML from "yaml"

export const document = YAML.parse(readFileSync(new URL("../../api/openapi.yaml", import.meta.url), "utf8"))
const base = document.servers[0].url

// OpenAPI 3.0's nullable, as JSON Schema has it.
function toJsonSchema(node) {
  if (Array.isArray(node)) return node.map(toJsonSchema)
  if (node === null || typeof node !== "object") return node
  const { nullable, description, ...rest } = node
  const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, toJsonSchema(value)]))
  return nullable ? { anyOf: [{ type: "null" }, schema] } : schema
}

const ajv = new Ajv({ strict: false, allErrors: true })
addFormats(ajv)
const schemas = Object.fromEntries(
  Object.entries(document.components.schemas).map(([name, schema]) => [name, toJsonSchema(schema)]),
)
ajv.addSchema({ $id: "doc", components: { schemas } })

export function resolve(node) {
  if (!node?.$ref) return node
  return node.$ref.slice(2).split("/").reduce((at, key) => at[key], document)
}

const compiled = new Map()

function check(schema, value, what) {
  const key = JSON.stringify(schema)
  if (!compiled.has(key)) {
    const absolute = JSON.parse(key.replaceAll('"#/components', '"doc#/components'))
    compiled.set(key, ajv.compile(toJsonSchema(absolute)))
  }
  const validate = compiled.get(key)
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`)
}

// Every operation: {method, path, operation, matches(path)}.
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
    matches: (asked) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(asked),
  })),
)

// Names stand before parameters, as in routes.def.
function find(method, path) {
  const there = operations
    .filter((candidate) => candidate.matches(path))
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length)
  return { known: there.length > 0, found: there.find((candidate) => candidate.method === method) }
}

// What is true of any request and stands in the description of the whole.
function generally(status, known, found) {
  const { responses } = document.components
  if (status === 404 && !found) return responses.NotFound
  if (status === 405 && known && !found) return responses.MethodNotAllowed
  if (status === 413) return responses.TooLarge
  if (status === 400) return responses.BadBody
  return undefined
}

function checkHeaders(response, headers, what) {
  for (const [name, ref] of Object.entries(response.headers ?? {})) {
    const { required, schema } = resolve(ref)
    const value = headers[name.toLowerCase()]
    if (value === undefined) assert.ok(!required, `${what}: no ${name}`)
    else check(schema, Array.isArray(value) ? value[0] : value, `${what}: ${name}`)
  }
  const told = ["link", "set-cookie", "idempotent-replayed", "www-authenticate", "retry-after", "allow"]
  const documented = Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())
  for (const name of told) assert.ok(!(name in headers) || documented.includes(name), `${what}: unexpected ${name}`)
  assert.equal(headers["cache-control"], "no-store", what)
}

function checkBody(response, { status, text, headers }, what) {
  if (!response.content) return assert.equal(text, "", `${what}: a body`)
  const [[type, { schema }]] = Object.entries(response.content)
  assert.equal(headers["content-type"], type, what)
  const body = JSON.parse(text)
  check(schema, body, what)
  if (type !== "application/problem+json") {
    if ("items" in body) assert.equal(headers.link, body.next ? `<${body.next}>; rel="next"` : undefined, what)
    return body
  }
  assert.equal(body.status, status, what)
  assert.ok(response["x-codes"].includes(body.code), `${what}: ${body.code} is not documented`)
  if (body.errors) assert.equal(body.code, body.errors.length === 1 ? body.errors[0].code : "invalid", what)
  assert.doesNotMatch(text, /SELECT|INSERT|mysql|mariadb|\/tmp\/|\.c\b/i, what)
  return body
}

// What was answered in this process: "operation status code".
export const seen = new Set()

export function verify(method, path, answer) {
  const what = `${method} ${path} -> ${answer.status} ${answer.text.slice(0, 300)}`
  const { known, found } = find(method === "HEAD" ? "GET" : method, path.split("?")[0])
  const response = resolve(found?.operation.responses[answer.status]) ?? generally(answer.status, known, found)
  assert.ok(response, `${what}: this status is not documented`)
  checkHeaders(response, answer.headers, what)
  if (method === "HEAD") return assert.equal(answer.text, "", what)
  const body = checkBody(response, answer, what)
  if (found) seen.add(`${found.operation.operationId} ${answer.status} ${body?.code ?? ""}`.trim())
  return body
}

// What was taken must be what the document says can be sent.
function checkRequest(method, path, json) {
  const content = find(method, path.split("?")[0]).found?.operation.requestBody?.content
  if (content && json !== undefined) check(content["application/json"].schema, json, `${method} ${path}: the request`)
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 })

// Send exactly this, and give the answer as it came.
export function send(url, { method = "GET", headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const request = http.request(url, { method, headers, agent }, (answer) => {
      const chunks = []
      answer.on("data", (chunk) => chunks.push(chunk))
      answer.on("error", fail)
      answer.on("end", () =>
        done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    request.on("error", fail)
    request.end(body)
  })
}

export class Client {
  // credentials: headers that every request carries.
  constructor(site, credentials = {}) {
    this.site = site
    this.credentials = credentials
  }

  send(path, request) {
    return send(`${this.site.url}${base}${path}`, request)
  }

  // options: body (text or bytes as they are), json (a value), headers.
  async call(method, path, { body, json, headers = {} } = {}) {
    const content = json === undefined ? body : JSON.stringify(json)
    const all = { ...this.credentials, ...headers }
    if (content !== undefined && all["content-type"] === undefined) all["content-type"] = "application/json"
    if (content !== undefined && all["transfer-encoding"] === undefined && all["content-length"] === undefined)
      all["content-length"] = Buffer.byteLength(content)
    for (const [name, value] of Object.entries(all)) if (value === null) delete all[name]
    const answer = await this.send(path, { method, headers: all, body: content })
    const parsed = verify(method, path, answer)
    if (answer.status < 300) checkRequest(method, path, json)
    return { ...answer, body: parsed, code: parsed?.code }
  }

  get(path, options) {
    return this.call("GET", path, options)
  }

  post(path, json, options) {
    return this.call("POST", path, { json, ...options })
  }

  patch(path, json, options) {
    return this.call("PATCH", path, { json, ...options })
  }

  delete(path, options) {
    return this.call("DELETE", path, options)
  }

  // Follow "next" from path to the end; every page's items.
  async pages(path) {
    const pages = []
    for (let at = path; at !== null; ) {
      const { status, body } = await this.get(at)
      assert.equal(status, 200, at)
      pages.push(body.items)
      at = body.next && body.next.slice(base.length)
      assert.ok(pages.length < 1000, "pages without end")
    }
    return pages
  }
}

export const password = "correct horse battery"

// A stranger, and people: registered, logged in, by bearer token.
export const stranger = (site) => new Client(site)

export async function login(site, username, secret = password) {
  const { status, body, headers } = await stranger(site).post("/sessions", { username, password: secret })
  assert.equal(status, 201)
  const client = new Client(site, { authorization: `Bearer ${body.token}` })
  return Object.assign(client, { id: body.user.id, username, token: body.token, cookie: headers["set-cookie"][0].split(";")[0] })
}

export async function register(site, username, more = {}) {
  const { status } = await stranger(site).post("/users", {
    username, name: `${username} of the tests`, password, ...more,
  })
  assert.equal(status, 201)
  return login(site, username, more.password)
}

// As the administrator's API key.
export const administrator = (site) => new Client(site, { authorization: `Bearer ${site.adminKey}` })
