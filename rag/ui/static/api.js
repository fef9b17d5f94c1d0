// Calls the functions of the page: quick ones at once, slow ones as events through Gradio's queue.

const BASE = new URL("../../", import.meta.url);

export const address = (path) => new URL(path, BASE).href;

export class Refused extends Error {}

async function json(response) {
  if (response.status === 401) {
    location.href = address("ui/login");
    throw new Refused("Log in again; the session is over.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(body.message || `The server answered ${response.status}; look at its terminal.`);
  return body;
}

async function reach(path, options) {
  try {
    return await fetch(address(path), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server doesn't answer. Start it again; what was said is kept.");
  }
}

const posted = (data) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ data }) });

export async function call(name, ...data) {
  const body = await json(await reach(`gradio_api/run/${name}`, posted(data)));
  const result = body.data[0];
  if (result && result.type === "refused") throw new Refused(result.message);
  return result;
}

export const get = async (path) => json(await reach(path, {}));

export async function picture(path) {
  const response = await reach(path, {});
  return response.ok ? response.blob() : json(response);
}

// Yields the events of a function that takes long, each an object with a `type`.
export async function* stream(name, ...data) {
  const { event_id: id } = await json(await reach(`gradio_api/call/${name}`, posted(data)));
  const response = await reach(`gradio_api/call/${name}/${id}`, {});
  if (!response.ok) return void (await json(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch {
      throw new Refused("The connection was lost. Reload the page; what was said is kept.");
    }
    if (piece.done) return;
    text += piece.value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const kind = /^event: (.*)$/m.exec(block)?.[1];
      const content = /^data: (.*)$/m.exec(block)?.[1];
      if (kind === "generating") yield JSON.parse(content)[0];
      if (kind === "error") throw new Refused("Something went wrong that shouldn't have; the server's terminal says what.");
      if (kind === "complete") return;
    }
  }
}

// Sends one file; `progress` hears the share that is through.
export function send(batch, file, name, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address(`ui/uploads/${batch}?name=${encodeURIComponent(name)}`));
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new Refused("the connection was lost"));
    request.onload = () => {
      if (request.status === 200) return resolve();
      let message = `the server answered ${request.status}`;
      try {
        message = JSON.parse(request.responseText).message || message;
      } catch {
        // the body of a proxy's error page says nothing more
      }
      reject(new Refused(message));
    };
    request.send(file);
  });
}
