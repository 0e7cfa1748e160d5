/**
 * The sixteen operations of the shop: where each is reached, whether it changes anything, and what it does. This table
 * is the only list of them: the server routes by it and the OpenAPI document is drawn from it.
 */
import { invalid, missing } from '@toolfleet/kernel';
import { calculate } from './arithmetic.js';
import {
  cancelPendingOrder,
  exchangeDeliveredItems,
  modifyPendingAddress,
  modifyPendingItems,
  modifyPendingPayment,
  returnDeliveredItems,
  type ItemChange,
  type OrderChange,
  type Products,
} from './orders.js';
import type { Address, Order, User } from './records.js';
import type { CopyWriter, ShopStore } from './store.js';

/** Arguments by name, already checked against the tool's parameters: each is a string or a list of strings. */
export type Arguments = Readonly<Record<string, string | readonly string[]>>;

interface OperationPlace {
  readonly name: string;
  /** `{name}` stands for the argument of that name. Other arguments: in the query of a read, in the body of a write. */
  readonly path: string;
  readonly answers: 'json' | 'text';
}

export interface ReadOperation extends OperationPlace {
  readonly effect: 'read';
  readonly run: (args: Arguments, copy: string, store: ShopStore) => Promise<unknown>;
}

export interface WriteOperation extends OperationPlace {
  readonly effect: 'write';
  readonly run: (args: Arguments, writer: CopyWriter) => Promise<unknown>;
}

export type Operation = ReadOperation | WriteOperation;

export const methodOf = { read: 'GET', write: 'POST' } as const satisfies Record<Operation['effect'], string>;

const reads: readonly ReadOperation[] = [
  {
    name: 'find_user_id_by_email',
    path: '/user-ids/by-email',
    effect: 'read',
    answers: 'text',
    run: async (args, _copy, store) => found(await store.userIdByEmail(text(args, 'email')), 'User'),
  },
  {
    name: 'find_user_id_by_name_zip',
    path: '/user-ids/by-name-zip',
    effect: 'read',
    answers: 'text',
    run: async (args, copy, store) => {
      const [first, last, zip] = [text(args, 'first_name'), text(args, 'last_name'), text(args, 'zip')];
      return found(await store.userIdByNameZip(copy, first, last, zip), 'User');
    },
  },
  {
    name: 'get_user_details',
    path: '/users/{user_id}',
    effect: 'read',
    answers: 'json',
    run: async (args, copy, store) => found(await store.read(copy, 'users', text(args, 'user_id')), 'User'),
  },
  {
    name: 'get_order_details',
    path: '/orders/{order_id}',
    effect: 'read',
    answers: 'json',
    run: async (args, copy, store) => found(await store.read(copy, 'orders', text(args, 'order_id')), 'Order'),
  },
  {
    name: 'get_product_details',
    path: '/products/{product_id}',
    effect: 'read',
    answers: 'json',
    run: async (args, copy, store) => found(await store.read(copy, 'products', text(args, 'product_id')), 'Product'),
  },
  {
    name: 'get_item_details',
    path: '/items/{item_id}',
    effect: 'read',
    answers: 'json',
    run: async (args, _copy, store) => {
      const itemId = text(args, 'item_id');
      const product = (await store.products()).find((candidate) => Object.hasOwn(candidate.variants, itemId));
      return found(product?.variants[itemId], 'Item');
    },
  },
  {
    name: 'list_all_product_types',
    path: '/product-types',
    effect: 'read',
    answers: 'json',
    run: async (_args, _copy, store) => {
      const types = (await store.products()).map(({ name, product_id }) => [name, product_id] as const);
      return Object.fromEntries(types.toSorted(([left], [right]) => (left < right ? -1 : 1)));
    },
  },
  {
    name: 'calculate',
    path: '/calculation',
    effect: 'read',
    answers: 'text',
    run: async (args) => calculate(text(args, 'expression')),
  },
];

const writes: readonly WriteOperation[] = [
  orderWrite('cancel_pending_order', 'cancellation', (order, user, args) =>
    cancelPendingOrder(order, user, text(args, 'reason')),
  ),
  orderWrite('exchange_delivered_order_items', 'exchange', (order, user, args, products) =>
    exchangeDeliveredItems(order, user, itemChange(args), products),
  ),
  orderWrite('modify_pending_order_address', 'address', (order, _user, args) =>
    modifyPendingAddress(order, address(args)),
  ),
  orderWrite('modify_pending_order_items', 'items', (order, user, args, products) =>
    modifyPendingItems(order, user, itemChange(args), products),
  ),
  orderWrite('modify_pending_order_payment', 'payment', (order, user, args) =>
    modifyPendingPayment(order, user, text(args, 'payment_method_id')),
  ),
  orderWrite('return_delivered_order_items', 'return', (order, user, args) =>
    returnDeliveredItems(order, user, texts(args, 'item_ids'), text(args, 'payment_method_id')),
  ),
  {
    name: 'modify_user_address',
    path: '/users/{user_id}/address',
    effect: 'write',
    answers: 'json',
    run: async (args, writer) => {
      const userId = text(args, 'user_id');
      const user = found(await writer.lock('users', userId), 'User');
      const changed: User = { ...user, address: address(args) };
      await writer.save('users', userId, changed);
      return changed;
    },
  },
  {
    name: 'transfer_to_human_agents',
    path: '/transfers',
    effect: 'write',
    answers: 'text',
    run: async () => 'Transfer successful',
  },
];

export const operations: readonly Operation[] = [...reads, ...writes];

type OrderRule = (order: Order, user: User, args: Arguments, products: Products) => OrderChange;

/** A write on one order: locks the order and then its user, applies the rule, saves what the rule changed. */
function orderWrite(name: string, subresource: string, rule: OrderRule): WriteOperation {
  return {
    name,
    path: `/orders/{order_id}/${subresource}`,
    effect: 'write',
    answers: 'json',
    run: async (args, writer) => {
      const orderId = text(args, 'order_id');
      const order = found(await writer.lock('orders', orderId), 'Order');
      const user = found(await writer.lock('users', order.user_id), 'User');
      const needsProducts = 'new_item_ids' in args;
      const products = needsProducts ? await writer.products(order.items.map((item) => item.product_id)) : new Map();
      const change = rule(order, user, args, products);
      await writer.save('orders', orderId, change.order);
      if (change.user !== undefined && change.user !== user) await writer.save('users', user.user_id, change.user);
      return change.order;
    },
  };
}

function found<T>(value: T | undefined, what: 'User' | 'Order' | 'Product' | 'Item'): T {
  if (value === undefined) throw missing(`${what.toUpperCase()}_NOT_FOUND`, `${what} not found`);
  return value;
}

function text(args: Arguments, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw invalid('ARGUMENT_INVALID', `${name} must be a string`);
  return value;
}

function texts(args: Arguments, name: string): readonly string[] {
  const value = args[name];
  if (value === undefined || typeof value === 'string') {
    throw invalid('ARGUMENT_INVALID', `${name} must be a list of strings`);
  }
  return value;
}

function itemChange(args: Arguments): ItemChange {
  return {
    item_ids: texts(args, 'item_ids'),
    new_item_ids: texts(args, 'new_item_ids'),
    payment_method_id: text(args, 'payment_method_id'),
  };
}

function address(args: Arguments): Address {
  const [address1, address2, city] = [text(args, 'address1'), text(args, 'address2'), text(args, 'city')];
  return {
    address1,
    address2,
    city,
    country: text(args, 'country'),
    state: text(args, 'state'),
    zip: text(args, 'zip'),
  };
}
