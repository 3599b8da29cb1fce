import type { Promises } from '../../promise.ts'

export const LIST = {
  'VONAGE-LIST-01': {
    quote: 'List and search media items … gethttps://api.nexmo.com/v3/media/',
    means: 'GET `/v3/media/` answers 200 with the items of the account.',
  },
  'VONAGE-LIST-02': {
    quote: 'Retrieve information about multiple media items with the ability to search and paginate.',
    means: 'Pages read from 0 on until one has no `next` hold every item once and in order.',
  },
  'VONAGE-LIST-03': {
    quote: 'Retrieve information about multiple media items with the ability to search and paginate.',
    means:
      '`start_time`, `end_time`, `order`, `page_size` and `page_index` of one request all hold together, and `count` is that of the search.',
  },
  'VONAGE-LIST-04': {
    quote: 'order string Defaultdescending',
    means: 'Without `order` the newest item is first.',
  },
  'VONAGE-LIST-05': {
    quote: 'exampleascending The order of search results.',
    means: 'With `order=ascending` the oldest item is first.',
  },
  'VONAGE-LIST-06': {
    quote: 'Must be one of:ascendingdescending',
    means: '`order=descending` is the order of the default, and any other word is answered 400.',
  },
  'VONAGE-LIST-07': {
    quote: 'page_index integer example1 Which page to retrieve in pagination',
    means: '`page_index=1` gives the second page: what follows the first `page_size` items.',
    note: 'The OpenAPI document 1.0.2 gives 0 as the default.',
  },
  'VONAGE-LIST-08': {
    quote: '"page_size": 20, "page_index": 0,',
    means: 'Without `page_index` the first page comes, and `page_index` in the body is 0.',
  },
  'VONAGE-LIST-09': {
    quote: 'page_index integer',
    means: 'A `page_index` that is no integer, or is negative, is answered 400.',
  },
  'VONAGE-LIST-10': {
    quote: 'page_size integer Default20',
    means: 'Without `page_size` a page of 21 items holds 20.',
  },
  'VONAGE-LIST-11': {
    quote: 'example50 How many items at most per page',
    means: '`page_size=50` gives up to 50 items on a page, and never more than were asked for.',
  },
  'VONAGE-LIST-12': {
    quote: 'page_size integer',
    means: 'A `page_size` that is no integer, or is less than 1, is answered 400.',
  },
  'VONAGE-LIST-13': {
    quote: 'start_time string Default1 week ago',
    means:
      'Without `start_time` and `end_time` an item made more than a week ago is not listed, and one made within the week is.',
    note: 'The older reference: the last seven days where neither of the two is given.',
  },
  'VONAGE-LIST-14': {
    quote: 'start_time … example2020-01-01T14:00:00.000Z Retrieve results created on or after this timestap.',
    means:
      '`start_time` leaves out what was made before it, and lists what was made at exactly this millisecond, also longer than a week ago.',
  },
  'VONAGE-LIST-15': {
    quote:
      'end_time string example2020-01-01T14:00:00.000Z Retrieve results created on or before this timestamp.',
    means:
      '`end_time` leaves out what was made after it, and lists what was made at exactly this millisecond.',
  },
  'VONAGE-LIST-16': {
    quote: 'start_time … example2020-01-01T14:00:00.000Z',
    means: 'A `start_time` or `end_time` that is no timestamp is answered 400.',
  },
  'VONAGE-LIST-17': {
    quote: 'Responses Content Type application/json Successfully retrieved',
    means: 'The answer is 200 with `Content-Type: application/json`.',
  },
  'VONAGE-LIST-18': {
    quote: 'page_size integer example20 The amount of records returned in this response.',
    means:
      '`page_size` in the body is the size that was asked for, 20 by default, also where fewer items are on the page.',
    note: 'The example has 20 with one item; both clients ignore it.',
  },
  'VONAGE-LIST-19': {
    quote: 'page_index integer The page_index used in your request.',
    means: '`page_index` in the body is the one of the request.',
  },
  'VONAGE-LIST-20': {
    quote:
      '_links object self object href string example/v3/media?page_size=20&account_id=abcd1234&order=descending',
    means:
      '`_links.self.href` is path and query with `page_size`, `account_id` and `order`, and following it gives the same page of the same search.',
  },
  'VONAGE-LIST-21': {
    quote: 'first object href string example/v3/media?page_size=20&account_id=abcd1234&order=descending',
    means: '`_links.first.href`, followed from any page, gives the first page of the same search.',
  },
  'VONAGE-LIST-22': {
    quote: 'last object href string example/v3/media?page_size=20&account_id=abcd1234&order=descending',
    means: '`_links.last.href`, followed from any page, gives the last page of the same search.',
  },
  'VONAGE-LIST-23': {
    quote: 'count integer example1 The total number of records returned by your request.',
    means: '`count` is the number of items of the search on all pages together.',
    note: 'The SDK’s own fixture: two pages of one item each have the count 2.',
  },
  'VONAGE-LIST-24': {
    quote:
      '_embedded object A collection of media items. See retrieve a media item for a description of the returned fields',
    means: 'Each item of `_embedded.media` equals what `/info` says of it, member for member.',
  },
  'VONAGE-LIST-25': {
    quote:
      'Example Response { "page_size": 20, "page_index": 0, "_links": { "self": … "first": … "last": … }, "count": 1, "_embedded": { "media": [',
    means:
      'The list of an account with one item has the members of the example, of the same JSON types and nothing beside them.',
  },
} as const satisfies Promises<'VONAGE'>
