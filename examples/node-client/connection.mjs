// The login's one connection, shared by all processes of a state folder; and what refusals have taught.
import { createHash } from "node:crypto";
import { mkdirSync, openSync, closeSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Later, Refused } from "./broker.mjs";
import { getJson, put, putJson, remove } from "./disk.mjs";

const FOR_A_PERSON = ["InvalidCredentials", "LockedOutPermanently"];
const LOST_MOST = 2; // logons without an answer, each of which may have been a refused one

/** A person has to look at it. */
export class GaveUp extends Error {}

export class Connection {
  constructor(broker, folder, username, password) {
    Object.assign(this, { broker, folder, username, password });
    this.users = join(folder, "users");
    mkdirSync(this.users, { recursive: true });
  }

  path(name) {
    return join(this.folder, name);
  }

  /** Calls on the connection; where it has ended, once more on a new one. */
  async call(operation, fields = {}) {
    const connectionId = await this.take();
    try {
      return await this.broker.call(operation, { connectionId, ...fields });
    } catch (error) {
      if (!["ConnectionExpired", "InvalidConnection"].includes(error.code)) throw asLater(error);
    }
    try {
      return await this.broker.call(operation, { connectionId: await this.take(connectionId), ...fields });
    } catch (error) {
      throw asLater(error);
    }
  }

  async take(ended) {
    writeFileSync(join(this.users, String(process.pid)), "");
    return this.alone(async () => {
      const kept = getJson(this.path("connection.json"), {}).id;
      return kept !== undefined && kept !== ended ? kept : this.logon();
    });
  }

  /** Logs off, if no other process uses the connection. */
  async leave() {
    remove(join(this.users, String(process.pid)));
    await this.alone(async () => {
      const connectionId = getJson(this.path("connection.json"), {}).id;
      if (connectionId === undefined || readdirSync(this.users).some((pid) => lives(pid))) return;
      try {
        await this.broker.call("logoff", { connectionId });
      } catch (error) {
        if (!(error instanceof Refused)) return; // it is kept, and taken up at the next start
      }
      remove(this.path("connection.json"));
    });
  }

  async logon() {
    const path = this.path("logon.json");
    const about = createHash("sha256").update(`${this.username}\0${this.password}`).digest("hex");
    let memory = getJson(path, {});
    if (memory.about !== about) memory = { about, until: memory.until ?? 0, lost: 0 };
    if (memory.refused) throw new GaveUp(`not logging on: ${memory.refused}`);
    if (memory.lost >= LOST_MOST) throw new GaveUp("not logging on: answers to logons were lost");
    const left = (memory.until - Date.now()) / 1000;
    if (left > 0) throw new Later("the login is locked or in use", { after: left, sent: false });
    putJson(path, { ...memory, lost: memory.lost + 1 }); // until the answer is there
    try {
      const { gives } = await this.broker.call("logon", { username: this.username, password: this.password });
      put(this.path("connection.json"), Buffer.from(JSON.stringify({ id: gives.connectionId })));
      putJson(path, { ...memory, lost: 0 });
      return gives.connectionId;
    } catch (error) {
      throw this.refused(path, memory, error);
    }
  }

  refused(path, memory, error) {
    if (error instanceof Later) {
      if (!error.sent) putJson(path, memory);
      return error;
    }
    if (!(error instanceof Refused)) return error;
    if (FOR_A_PERSON.includes(error.code)) {
      putJson(path, { ...memory, lost: 0, refused: error.message });
      return new GaveUp(error.message);
    }
    const later = asLater(error);
    putJson(path, { ...memory, lost: 0, until: Date.now() + 1000 * (later.after ?? 0) });
    return later;
  }

  /** Does something while no other process changes the connection. */
  async alone(work) {
    const lock = this.path("lock");
    for (;;) {
      try {
        const file = openSync(lock, "wx");
        writeFileSync(file, String(process.pid));
        closeSync(file);
        break;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
        if (!lives(holder(lock))) remove(lock); // it was killed
        await sleep(20);
      }
    }
    try {
      return await work();
    } finally {
      remove(lock);
    }
  }
}

function holder(lock) {
  try {
    return readFileSync(lock, "utf8");
  } catch {
    return "";
  }
}

function lives(pid) {
  try {
    return Number(pid) > 0 && process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

function asLater(error) {
  const after = error.fields?.secondsLeft ?? error.fields?.retryAfterSeconds;
  return after === undefined ? error : new Later(error.message, { after: Number(after), sent: false });
}
