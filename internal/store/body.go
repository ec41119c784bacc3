package store

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// A record is stored as its JSON, deflated with a preset dictionary: scans and stamps repeat the same names and times, but a record of
// some hundred bytes is too short to be compressed without one. The first byte identifies the dictionary, so that a later version can
// bring another one and still read this one.
const deflated1 byte = 1

// dictionary1 holds what most records contain, the most frequent last. It must never change: stored records cannot be read without it.
const dictionary1 = `"Marketplace":true,"Test":true,"MethodTitle":"","Channel":"","Note":"","Tags":["` +
	`"Refunds":[{"AmountMinor":,"At":"202"Links":[{"Name":"","URL":"https://www."AvailableFrom":"202"State":"Refunded"Cancelled"Backordered"` +
	`"Pickup":{"Name":"","Address":"","Until":"202","Code":"","Hours":"","URL":"https://"Proof":{"SignedBy":"","Note":"","PhotoURL":"https://` +
	`"Legs":[{"Carrier":"","Number":"","URL":"https://","Role":"LastMile"Pieces":{"Total":,"Delivered":"Instructions":""` +
	`"ReturnLabel":{"URL":"https://","Until":"202"Origin":{"Country":"","Zone":"Europe/"Replaces":"` +
	`"Recipients":[{"Role":"GiftRecipient","Name":"Copied"Company":"","PO":""Phone":"+` +
	`"Promise":{"From":"2026-01-01T00:00:00Z","To":"2026-01-01T00:00:00Z","DayOnly":true,"Source":"Order"}` +
	`"Method":"Parcel"Letter"Pickup"Digital"Direction":"Outbound"Return"Phase":"AwaitingProcessing"Preparing"Packed"ReadyToShip"Shipped"OrderReceived"` +
	`"LabelCreated"HandedToCarrier"InCustoms"DeliveryAttemptFailed"AvailableForPickup"PickupExpired"ReturnInTransit"ReturnedToSender"Exception"` +
	`"Reason":"NotHome"AddressWrong"Weather"DutiesDue"Missorted"Delayed":true,"ActionRequired":true,"Returning":true,` +
	`{"Key":{"Source":"webshop","Kind":"Order","Ref":"{"Key":{"Source":"carrier-","Kind":"Shipment","Ref":"{"Key":{"Source":"api","Kind":"Tracker","Ref":"` +
	`"},"Speaker":2,"Whole":{"Version":"2026-01-01T00:00:00Z","Heard":"2026-01-01T00:00:00.000Z","Position":1},"Given":[{"Stamp":{"Version":"","Heard":"},"Fields":["` +
	`"FirstHeard":"2026-01-01T00:00:00Z","LastHeard":"2026-01-01T00:00:00Z","Order":{"ExternalID":"","Number":"#10","PlacedAt":"2026-01-01T00:00:00Z","Phase":"","Locale":"en",` +
	`"Customer":{"Name":"","FirstName":"","Email":"@example.com","Phone":"+"},"Destination":{"Street":"","Postcode":"","City":"","Country":"` +
	`"Lines":[{"ID":"","SKU":"","Name":"","Variant":"","Quantity":"1","PriceMinor":1000,"ImageURL":"https://","URL":"https://"},{"ID":"` +
	`"Money":{"Currency":"EUR","TotalMinor":"RefundedMinor":` +
	`"Shipment":{"Order":{"ExternalID":"","Number":"","Email":"","Postcode":"","Country":""},"CreatedAt":"2026-01-01T00:00:00Z","Lines":[{"ID":"","SKU":"","Name":"","Quantity":"1"}],` +
	`"Parcels":[{"Carrier":"","Number":"","URL":"https://"}]` +
	`"Tracker":{"Carrier":"postnl"dhl"ups"fedex"gls"dpd"postnord","Number":"","URL":"https://","Shipment":"","Order":{"Number":"` +
	`"Phases":[{"Phase":"OrderReceived","At":"2026-01-01T00:00:00Z","Heard":"2026-01-01T00:00:00Z"},{"Phase":"` +
	`"Dates":[{"ETA":{"From":"2026-01-01T00:00:00Z","To":"2026-01-01T00:00:00Z","DayOnly":true,"Source":"Carrier"},"At":"2026-01-01T00:00:00Z","Heard":"2026-01-01T00:00:00.000Z"},` +
	`"Scans":[{"ID":"0123456789abcdef","Status":"Delivered","Told":"2026-01-01T00:00:00+01:00","Heard":"2026-01-01T00:00:00.000Z","Location":"","Country":"","Text":"","Language":"en","Code":""},` +
	`{"ID":"0123456789abcdef","Status":"OutForDelivery","Told":"2026-01-01T00:00:00+02:00","Heard":"2026-01-01T00:00:00Z","Sequence":1,"Location":"","Text":"","Code":""},` +
	`{"ID":"0123456789abcdef","Status":"InTransit","Told":"2026-01-01T00:00:00Z","Heard":"2026-01-01T00:00:00Z","Sequence":2,"Location":"","Text":"","Code":""}`

// level is the lowest compression level that makes good use of the dictionary; the next one halves the speed to save a tenth.
const level = 5

var (
	compressors = sync.Pool{New: func() any {
		w, err := flate.NewWriterDict(io.Discard, level, []byte(dictionary1))
		if err != nil {
			panic(err) // the level is not valid
		}
		return w
	}}
	decompressors = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), []byte(dictionary1)) }}
)

func encodeRecord(r tracking.Record) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	w, ok := compressors.Get().(*flate.Writer)
	if !ok {
		return nil, errors.New("the pool of compressors holds another type")
	}
	defer compressors.Put(w)
	var out bytes.Buffer
	out.WriteByte(deflated1)
	w.Reset(&out)
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decodeRecord(body []byte) (r tracking.Record, err error) {
	if len(body) == 0 || body[0] != deflated1 {
		return r, errors.New("the record is stored in a format that this version does not know: run the version that wrote it")
	}
	reader, ok := decompressors.Get().(io.Reader)
	if !ok {
		return r, errors.New("the pool of decompressors holds another type")
	}
	defer decompressors.Put(reader)
	resetter, ok := reader.(flate.Resetter)
	if !ok {
		return r, errors.New("the decompressor cannot be reset")
	}
	if err := resetter.Reset(bytes.NewReader(body[1:]), []byte(dictionary1)); err != nil {
		return r, err
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		return r, fmt.Errorf("decompressing a record: %w", err)
	}
	return r, json.Unmarshal(text, &r)
}
