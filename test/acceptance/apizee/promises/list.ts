import type { Promises } from '../../promise.ts'

export const LIST = {
  'APIZEE-AUTH-01': {
    quote: 'Authorization: Bearer YOUR_SECRET_TOKEN',
    means:
      'List, get, download, update and delete each answer a request with a token of the gateway as Bearer.',
  },
  'APIZEE-AUTH-02': {
    quote: 'Authorization: Bearer YOUR_SECRET_TOKEN',
    means: 'Without a token, and with one that there is not, each of the five is answered 401.',
  },
  'APIZEE-LIST-01': {
    quote:
      'Good case GET /api/v3/medias HTTP/1.1 Host: cloud.apizee.com Authorization: Bearer YOUR_SECRET_TOKEN Accept: */*',
    means: 'The example is answered 200 as JSON with `total`, `next_offset` and `data`.',
  },
  'APIZEE-LIST-02': {
    quote: 'Returns a paginated list of media (snapshots, captures, recordings)',
    means: 'Reading on at `next_offset` gives every picture, film and sound of the user once.',
  },
  'APIZEE-LIST-03': {
    quote: 'with optional filters such as type, conversationId, status, and creation date range',
    means: 'Media type, conversation, status, `since` and `until` hold together, and `total` is that of all.',
  },
  'APIZEE-LIST-04': {
    quote: 'List available media by conversation or by user',
    means: 'Without a filter of user the list has the media of the token’s own user.',
    note: 'Concluded from what is said of `all`; the page does not say it.',
  },
  'APIZEE-LIST-05': {
    quote: 'Limit result set to posts assigned one or more statuses.',
    means:
      '`status` with one status lists media of this one, and with more, repeated or with commas, media of any of them.',
    note: 'The parameter’s name is visible on the live page.',
  },
  'APIZEE-LIST-06': {
    quote: 'completedPossible values:',
    means: 'Without `status` media that are completed are listed, and no other.',
  },
  'APIZEE-LIST-07': {
    quote: 'Offset the result set by a specific number of items.',
    means: '`offset=3` leaves out the first three.',
  },
  'APIZEE-LIST-08': {
    quote: 'Maximum number of items to be returned in result set.',
    means: '`limit=3` gives three items.',
  },
  'APIZEE-LIST-09': {
    quote: 'Maximum number of items to be returned in result set. 10',
    means: 'Without `limit` 10 of 11 items come.',
  },
  'APIZEE-LIST-10': {
    quote:
      'Limit response to media created after a given ISO 8601 compliant UTC date (format: 2020-01-01T15:00:00Z).',
    means: '`since` lists what was made after it, and not what was made before.',
  },
  'APIZEE-LIST-11': {
    quote:
      'Limit response to media created before a given ISO 8601 compliant UTC date (format: 2020-01-01T16:00:00Z).',
    means: '`until` lists what was made before it, and not what was made after.',
  },
  'APIZEE-LIST-12': {
    quote: 'ISO 8601 compliant UTC date (format: 2020-01-01T15:00:00Z)',
    means: 'A `since` or `until` that is no such date is answered 400.',
  },
  'APIZEE-LIST-13': {
    quote: 'Limit results to those matching a string.',
    means: '`search` lists what has the text in title, description or file name, in capitals or not.',
  },
  'APIZEE-LIST-14': {
    quote: 'Sort collection by object attribute.',
    means:
      '`orderby` sorts by another attribute (title, id) than the date, and one that there is not is answered 400.',
  },
  'APIZEE-LIST-15': {
    quote: 'Sort collection by object attribute. datePossible values:',
    means: 'Without `orderby`, and with `orderby=date`, the list is sorted by time of creation.',
  },
  'APIZEE-LIST-16': {
    quote: 'Order sort attribute ascending or descending.',
    means:
      '`order=asc` and `order=desc` give the same items in opposite orders, and another word is answered 400.',
  },
  'APIZEE-LIST-17': {
    quote: 'Order sort attribute ascending or descending. descPossible values:',
    means: 'Without `order` the list descends: the newest is first.',
  },
  'APIZEE-LIST-18': {
    quote: 'Limit result set to attachments of a particular media type.',
    means: '`media_type=image` lists pictures and nothing else, and so do the other types.',
  },
  'APIZEE-LIST-19': {
    quote: 'Limit result set to media assigned to a specific tag.',
    means: '`tag` lists what has this tag.',
  },
  'APIZEE-LIST-20': {
    quote: 'Limit result set to media attached to a specific user ID',
    means: '`user_id` lists media of this user, whose id is that of `owner`.',
  },
  'APIZEE-LIST-21': {
    quote: "(set 'all' to limit result to the enterprise",
    means:
      '`user_id=all` gives an administrator the media of all users of the account, and of no other account.',
  },
  'APIZEE-LIST-22': {
    quote: 'admin role required).',
    means: '`user_id=all` is answered 403 to who is no administrator.',
  },
  'APIZEE-LIST-23': {
    quote: 'Limit result set to media attached to a specific user group ID.',
    means: '`user_group_id` lists media of this group.',
  },
  'APIZEE-LIST-24': {
    quote: 'Limit result set to attachments of a particular source type.',
    means: '`source_type` lists media of this source, also `unknown`.',
  },
  'APIZEE-LIST-25': {
    quote: 'Limit result set to attachments from a particular conversation. ID can be a string',
    means: '`conversation_id` with a string lists media of this conversation.',
  },
  'APIZEE-LIST-26': {
    quote:
      'Limit result set to attachments from a particular conversation. ID can be a string or an integer.',
    means:
      '`conversation_id=1538745137` finds media whose conversation was given as the integer and as the string.',
  },
  'APIZEE-LIST-27': {
    quote: '"total": 200,',
    means: '`total` is the number of all that was found, on every page of it.',
  },
  'APIZEE-LIST-28': {
    quote: '"next_offset": 10,',
    means: '`next_offset` is offset and limit together, where there is more.',
  },
  'APIZEE-LIST-29': {
    quote: '"data": [ { "id": 1,',
    means: 'Each item of `data` equals what GET of its id says, member for member.',
  },
} as const satisfies Promises<'APIZEE'>
