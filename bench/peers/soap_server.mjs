// The service by npm's `soap`, out of memory: what a person would write who needs a fake of the broker.
// Arguments: the WSDL and a JSON file with users, sessions, updates and ids. Says its port in one line.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import soap from "soap";

const [wsdl, data] = process.argv.slice(2).map((name) => readFileSync(name, "utf8"));
const { path, users, sessions, updates, ids } = JSON.parse(data);
const connections = new Map();

function refuse(code) {
  throw { Fault: { faultcode: "soap:Client", faultstring: code } };
}

function admit(connectionId) {
  if (!connections.has(connectionId)) refuse("InvalidConnection");
}

const port = {
  logon({ username, password }) {
    if (users[username] !== password) refuse("InvalidCredentials");
    const connectionId = randomBytes(20).toString("base64url");
    connections.set(connectionId, username);
    return { connectionId };
  },
  getSession({ connectionId, sessionId }) {
    admit(connectionId);
    return { session: sessions[sessionId] ?? refuse("NoSuchSession") };
  },
  getUpdates({ connectionId, since, max }) {
    admit(connectionId);
    const first = updates.findIndex((update) => update.updateId > since);
    return { updates: { Update: first < 0 ? [] : updates.slice(first, first + (max ?? 1000)) } };
  },
  getSessionIds({ connectionId, max }) {
    admit(connectionId);
    return { sessionIds: { long: ids.slice(0, max ?? 1000) } };
  },
};

const server = createServer((_, answer) => answer.writeHead(404).end());
soap.listen(server, { path, services: { SessionsService: { Sessions: port } }, xml: wsdl });
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
