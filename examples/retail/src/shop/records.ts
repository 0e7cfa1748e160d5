/**
 * The shop's records as they are stored and served. Field names are those of the recorded data, so that a record can
 * be compared with it as it is. Records are values: an operation returns new ones and never edits what it was given.
 */
export interface Address {
  readonly address1: string;
  readonly address2: string;
  readonly city: string;
  readonly country: string;
  readonly state: string;
  readonly zip: string;
}

export interface Variant {
  readonly item_id: string;
  readonly options: Readonly<Record<string, string>>;
  readonly available: boolean;
  readonly price: number;
}

export interface Product {
  readonly name: string;
  readonly product_id: string;
  readonly variants: Readonly<Record<string, Variant>>;
}

export interface PaymentMethod {
  readonly source: 'gift_card' | 'credit_card' | 'paypal';
  readonly id: string;
  /** Gift cards only. */
  readonly balance?: number;
  readonly brand?: string;
  readonly last_four?: string;
}

export interface User {
  readonly user_id: string;
  readonly name: { readonly first_name: string; readonly last_name: string };
  readonly address: Address;
  readonly email: string;
  readonly payment_methods: Readonly<Record<string, PaymentMethod>>;
  readonly orders: readonly string[];
}

export interface OrderItem {
  readonly name: string;
  readonly product_id: string;
  readonly item_id: string;
  readonly price: number;
  readonly options: Readonly<Record<string, string>>;
}

export interface Payment {
  readonly transaction_type: 'payment' | 'refund';
  readonly amount: number;
  readonly payment_method_id: string;
}

export interface Order {
  readonly order_id: string;
  readonly user_id: string;
  readonly address: Address;
  readonly items: readonly OrderItem[];
  readonly status: string;
  readonly fulfillments: readonly { readonly tracking_id: readonly string[]; readonly item_ids: readonly string[] }[];
  readonly payment_history: readonly Payment[];
  readonly cancel_reason: string | null;
  readonly exchange_items: readonly string[] | null;
  readonly exchange_new_items: readonly string[] | null;
  readonly exchange_payment_method_id: string | null;
  readonly exchange_price_difference: number | null;
  readonly return_items: readonly string[] | null;
  readonly return_payment_method_id: string | null;
}

/** The published start state: an order there lacks the fields that only later operations set. */
export interface ShopRecords {
  readonly products: Readonly<Record<string, Product>>;
  readonly users: Readonly<Record<string, User>>;
  readonly orders: Readonly<Record<string, Partial<Order> & Pick<Order, 'order_id'>>>;
}

export type Table = 'products' | 'users' | 'orders';

export interface RecordOf {
  readonly products: Product;
  readonly users: User;
  readonly orders: Order;
}

/** Fields that the published orders leave out while they are empty; a served order always has them. */
export const unsetOrderFields = {
  cancel_reason: null,
  exchange_items: null,
  exchange_new_items: null,
  exchange_payment_method_id: null,
  exchange_price_difference: null,
  return_items: null,
  return_payment_method_id: null,
} as const satisfies Partial<Order>;
