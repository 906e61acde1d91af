// IndexedDB's requests as promises. A browser would download a library for this twice, once for the page and once
// inside the worker.

/** The result of a request. A request that fails rejects with its error, and aborts its transaction. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The end of a transaction. An aborted transaction rejects with its error. */
export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
}

/**
 * Open a database of version 1 with one object store. It closes if another tab asks for a newer version.
 *
 * @param onClose called when the browser or such a request has closed it.
 */
export async function openDatabase(
  name: string,
  storeName: string,
  onClose: () => void,
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(storeName);
  const database = await resultOf(request);
  database.onclose = onClose;
  database.onversionchange = () => {
    database.close();
    onClose();
  };
  return database;
}
