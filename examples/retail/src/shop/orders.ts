/**
 * What may happen to an order: pure functions from records and arguments to new records, or a fault. The order of the
 * checks is part of the contract: it decides which message a customer's agent reads, and the recorded data fixes it.
 *
 *   pending ── cancel ─▶ cancelled           pending ── modify items ─▶ pending (item modified)
 *   delivered ── return ─▶ return requested  delivered ── exchange ─▶ exchange requested
 */
import { conflict, invalid, missing } from '@toolfleet/kernel';
import { roundToCents } from './arithmetic.js';
import type { Address, Order, OrderItem, Payment, PaymentMethod, Product, User, Variant } from './records.js';

/** The records an operation leaves behind; `user` only where a gift card's balance moved. */
export interface OrderChange {
  readonly order: Order;
  readonly user?: User;
}

export interface ItemChange {
  readonly item_ids: readonly string[];
  readonly new_item_ids: readonly string[];
  readonly payment_method_id: string;
}

export type Products = ReadonlyMap<string, Product>;

const cancelReasons: readonly string[] = ['no longer needed', 'ordered by mistake'];

export function cancelPendingOrder(order: Order, owner: User, reason: string): OrderChange {
  if (order.status !== 'pending') throw conflict('ORDER_NOT_PENDING', 'Non-pending order cannot be cancelled');
  if (!cancelReasons.includes(reason)) throw invalid('INVALID_REASON', 'Invalid reason');
  let user = owner;
  const refunds: Payment[] = [];
  for (const { amount, payment_method_id } of order.payment_history) {
    refunds.push({ transaction_type: 'refund', amount, payment_method_id });
    user = credit(user, paymentMethodOf(user, payment_method_id), amount);
  }
  const payment_history = [...order.payment_history, ...refunds];
  return { order: { ...order, status: 'cancelled', cancel_reason: reason, payment_history }, user };
}

export function exchangeDeliveredItems(order: Order, user: User, change: ItemChange, products: Products): OrderChange {
  if (order.status !== 'delivered') {
    throw conflict('ORDER_NOT_DELIVERED', 'Non-delivered order cannot be exchanged');
  }
  const missingId = firstNotOrdered(order, change.item_ids);
  if (missingId !== undefined) throw invalid('ITEM_NOT_IN_ORDER', `Number of ${missingId} not found.`);
  if (change.item_ids.length !== change.new_item_ids.length) {
    throw invalid('ITEM_COUNTS_DIFFER', 'The number of items to be exchanged should match.');
  }
  const difference = roundToCents(priceChange(order, change, products, 'anyItem').difference);
  const method = paymentMethodOf(user, change.payment_method_id);
  requireCover(method, difference, 'Insufficient gift card balance to pay for the price difference');
  return {
    order: {
      ...order,
      status: 'exchange requested',
      exchange_items: change.item_ids.toSorted(),
      exchange_new_items: change.new_item_ids.toSorted(),
      exchange_payment_method_id: change.payment_method_id,
      exchange_price_difference: difference,
    },
  };
}

export function modifyPendingItems(order: Order, owner: User, change: ItemChange, products: Products): OrderChange {
  if (order.status !== 'pending') throw conflict('ORDER_NOT_PENDING', 'Non-pending order cannot be modified');
  const missingId = firstNotOrdered(order, change.item_ids);
  if (missingId !== undefined) throw invalid('ITEM_NOT_IN_ORDER', `${missingId} not found`);
  if (change.item_ids.length !== change.new_item_ids.length) {
    throw invalid('ITEM_COUNTS_DIFFER', 'The number of items to be exchanged should match');
  }
  const { difference, lastVariant } = priceChange(order, change, products, 'otherItem');
  const method = paymentMethodOf(owner, change.payment_method_id);
  requireCover(method, difference, 'Insufficient gift card balance to pay for the new item');
  const payment: Payment = {
    transaction_type: difference > 0 ? 'payment' : 'refund',
    amount: Math.abs(difference),
    payment_method_id: change.payment_method_id,
  };
  return {
    order: {
      ...order,
      items: replaceItems(order.items, change, lastVariant),
      status: 'pending (item modified)',
      payment_history: [...order.payment_history, payment],
    },
    user: credit(owner, method, -difference),
  };
}

export function modifyPendingPayment(order: Order, owner: User, paymentMethodId: string): OrderChange {
  requirePending(order);
  const method = paymentMethodOf(owner, paymentMethodId);
  const [first] = order.payment_history;
  if (first === undefined || order.payment_history.length !== 1 || first.transaction_type !== 'payment') {
    throw conflict('PAYMENT_ALREADY_CHANGED', 'There should be exactly one payment for a pending order');
  }
  if (first.payment_method_id === paymentMethodId) {
    throw invalid('SAME_PAYMENT_METHOD', 'The new payment method should be different from the current one');
  }
  const { amount } = first;
  requireCover(method, amount, 'Insufficient gift card balance to pay for the order');
  const charged = credit(owner, method, -amount);
  return {
    order: {
      ...order,
      payment_history: [
        first,
        { transaction_type: 'payment', amount, payment_method_id: paymentMethodId },
        { transaction_type: 'refund', amount, payment_method_id: first.payment_method_id },
      ],
    },
    user: credit(charged, paymentMethodOf(charged, first.payment_method_id), amount),
  };
}

export function modifyPendingAddress(order: Order, address: Address): OrderChange {
  requirePending(order);
  return { order: { ...order, address } };
}

export function returnDeliveredItems(
  order: Order,
  user: User,
  itemIds: readonly string[],
  paymentMethodId: string,
): OrderChange {
  if (order.status !== 'delivered') throw conflict('ORDER_NOT_DELIVERED', 'Non-delivered order cannot be returned');
  const method = paymentMethodOf(user, paymentMethodId);
  if (method.source !== 'gift_card' && paymentMethodId !== order.payment_history[0]?.payment_method_id) {
    throw invalid('NOT_ORIGINAL_PAYMENT_METHOD', 'Payment method should be the original payment method');
  }
  if (firstNotOrdered(order, itemIds) !== undefined) throw invalid('ITEM_NOT_IN_ORDER', 'Some item not found');
  return {
    order: {
      ...order,
      status: 'return requested',
      return_items: itemIds.toSorted(),
      return_payment_method_id: paymentMethodId,
    },
  };
}

/** An order whose items were modified is still pending here: its address and payment may yet change. */
function requirePending(order: Order): void {
  if (!order.status.includes('pending')) throw conflict('ORDER_NOT_PENDING', 'Non-pending order cannot be modified');
}

function paymentMethodOf(user: User, id: string): PaymentMethod {
  const method = Object.hasOwn(user.payment_methods, id) ? user.payment_methods[id] : undefined;
  if (method === undefined) throw missing('PAYMENT_METHOD_NOT_FOUND', 'Payment method not found');
  return method;
}

function requireCover(method: PaymentMethod, amount: number, message: string): void {
  if (method.source === 'gift_card' && (method.balance ?? 0) < amount) throw conflict('INSUFFICIENT_BALANCE', message);
}

/** Only a gift card's balance lives here; cards and PayPal settle elsewhere, days later. */
function credit(user: User, method: PaymentMethod, amount: number): User {
  if (method.source !== 'gift_card') return user;
  const balance = roundToCents((method.balance ?? 0) + amount);
  return { ...user, payment_methods: { ...user.payment_methods, [method.id]: { ...method, balance } } };
}

/** An id may be named as often as the order holds it, no more. */
function firstNotOrdered(order: Order, itemIds: readonly string[]): string | undefined {
  const countIn = (ids: readonly string[], id: string) => ids.filter((other) => other === id).length;
  const ordered = order.items.map((item) => item.item_id);
  return itemIds.find((id) => countIn(itemIds, id) > countIn(ordered, id));
}

interface PriceChange {
  /** Not rounded: the recorded payments are not either. */
  readonly difference: number;
  readonly lastVariant: Variant | undefined;
}

function priceChange(order: Order, change: ItemChange, products: Products, into: 'anyItem' | 'otherItem'): PriceChange {
  let difference = 0;
  let lastVariant: Variant | undefined;
  for (const [index, itemId] of change.item_ids.entries()) {
    const newItemId = change.new_item_ids[index] ?? '';
    if (into === 'otherItem' && itemId === newItemId) {
      throw invalid('SAME_ITEM', 'The new item id should be different from the old item id');
    }
    const item = order.items.find((candidate) => candidate.item_id === itemId);
    if (item === undefined) throw invalid('ITEM_NOT_IN_ORDER', `Item ${itemId} not found`);
    lastVariant = variantOf(products, item.product_id, newItemId);
    if (!lastVariant.available) throw conflict('ITEM_UNAVAILABLE', `New item ${newItemId} not found or available`);
    difference += lastVariant.price - item.price;
  }
  return { difference, lastVariant };
}

function variantOf(products: Products, productId: string, itemId: string): Variant {
  const product = products.get(productId);
  if (product === undefined) throw missing('PRODUCT_NOT_FOUND', 'Product not found');
  const variant = Object.hasOwn(product.variants, itemId) ? product.variants[itemId] : undefined;
  if (variant === undefined) throw missing('VARIANT_NOT_FOUND', 'Variant not found');
  return variant;
}

/**
 * Every replaced item takes the price and options of the last new variant: a peculiarity of the recorded shop, which
 * the recorded end states depend on.
 */
function replaceItems(items: readonly OrderItem[], change: ItemChange, variant: Variant | undefined): OrderItem[] {
  const replaced = [...items];
  for (const [index, itemId] of change.item_ids.entries()) {
    const at = replaced.findIndex((item) => item.item_id === itemId);
    const item = replaced[at];
    const newItemId = change.new_item_ids[index];
    if (item === undefined || newItemId === undefined || variant === undefined) {
      throw invalid('ITEM_NOT_IN_ORDER', `Item ${itemId} not found`);
    }
    replaced[at] = { ...item, item_id: newItemId, price: variant.price, options: variant.options };
  }
  return replaced;
}
