import type { ZkpAuth } from '@zkp-auth/server';
import { requireAuth, userOf } from '@zkp-auth/server/express';
import { Router } from 'express';
import type { Ledger } from './ledger.ts';
import { parsePayment } from './parse-payment.ts';

/**
 * The user's own payments. Making a payment takes a fresh proof for exactly this payment. A stolen session is not
 * enough.
 */
export function paymentsApi(auth: ZkpAuth, ledger: Ledger): Router {
  const router = Router();
  router.get('/', requireAuth(auth), async (req, res) => {
    const payments = await ledger.listOf(userOf(req).userId);
    res.set('Cache-Control', 'no-store').json({ payments });
  });
  // The guard itself reads the body, because it compares the confirmed bytes. No body parser may come before it.
  router.post('/', requireAuth(auth, { confirm: 'payment' }), async (req, res) => {
    const order = parsePayment(req.body);
    if (order === null) res.status(400).json({ code: 'INVALID_BODY', detail: 'This is not a payment.' });
    else res.status(201).json(await ledger.add(userOf(req).userId, order));
  });
  return router;
}
