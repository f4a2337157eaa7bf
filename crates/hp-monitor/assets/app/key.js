// Asks for the key of the API.

import { byId } from './dom.js';

/**
 * @param {boolean} refused whether the last one was wrong
 * @returns {Promise<string>}
 */
export function enterKey(refused) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('key'));
  const input = /** @type {HTMLInputElement} */ (byId('key-input'));
  if (refused) byId('key-problem').textContent = 'This is not one of the keys. Try another one.';
  input.value = '';
  dialog.showModal();
  return new Promise((resolve) => {
    // There is nothing to see without one.
    const stay = (/** @type {Event} */ event) => event.preventDefault();
    dialog.addEventListener('cancel', stay);
    byId('key-form').addEventListener(
      'submit',
      () => {
        dialog.removeEventListener('cancel', stay);
        resolve(input.value.trim());
        input.value = '';
      },
      { once: true },
    );
  });
}
