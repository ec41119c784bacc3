package corpus

// Kinds of journeys.
const (
	KindHappy            Kind = "happy"
	KindSplit            Kind = "split"
	KindTwoWarehouses    Kind = "two-warehouses"
	KindFirstDelivered   Kind = "first-delivered-second-coming"
	KindTwoOrdersOneBox  Kind = "two-orders-one-box"
	KindPieces           Kind = "pieces-under-one-number"
	KindCorrected        Kind = "corrected-number"
	KindEdited           Kind = "edited-order"
	KindRefundedPart     Kind = "refunded-in-part"
	KindRefundedFull     Kind = "refunded-in-full"
	KindCancelled        Kind = "cancelled"
	KindReinstated       Kind = "cancelled-and-reinstated"
	KindReplaced         Kind = "lost-and-replaced"
	KindLost             Kind = "lost"
	KindDamaged          Kind = "damaged"
	KindLooping          Kind = "looping"
	KindDuties           Kind = "customs-duties-due"
	KindCustoms          Kind = "customs"
	KindAttempts         Kind = "attempts-then-delivered"
	KindAttemptsPickup   Kind = "attempts-then-pickup"
	KindCollected        Kind = "pickup-collected"
	KindExpired          Kind = "pickup-expired"
	KindRefused          Kind = "refused"
	KindOwnReturn        Kind = "own-return"
	KindExchange         Kind = "exchange"
	KindLetter           Kind = "letter"
	KindDigital          Kind = "digital"
	KindCollect          Kind = "click-and-collect"
	KindPreOrder         Kind = "pre-order"
	KindMarketplace      Kind = "marketplace"
	KindGift             Kind = "gift"
	KindSubscription     Kind = "subscription"
	KindB2B              Kind = "b2b"
	KindTest             Kind = "test-order"
	KindEtaMoved         Kind = "eta-moved"
	KindEtaMovedTwice    Kind = "eta-moved-twice"
	KindEtaWithinDay     Kind = "eta-within-the-day"
	KindDelayed          Kind = "delayed"
	KindLateSilent       Kind = "late-without-a-word"
	KindStalled          Kind = "stalled"
	KindNoFirstScan      Kind = "no-first-scan"
	KindNeverSent        Kind = "never-sent"
	KindSilentTold       Kind = "silent-told-late"
	KindNeverPushed      Kind = "never-pushed"
	KindToldLate         Kind = "told-late"
	KindToldTwice        Kind = "told-twice"
	KindLocalTime        Kind = "local-time"
	KindOutOfOrder       Kind = "out-of-order"
	KindClockSkew        Kind = "delivered-before-the-round"
	KindScanAfter        Kind = "scan-after-delivered"
	KindPlanned          Kind = "planned-steps"
	KindRecycled         Kind = "recycled-number"
	KindUnmapped         Kind = "unmapped-code"
	KindReopened         Kind = "reopened-delivery"
	KindNeighbour        Kind = "left-with-a-neighbour"
	KindAddressCorrected Kind = "address-corrected"
	KindAddressLater     Kind = "address-later"
	KindFulfilmentFirst  Kind = "fulfilment-before-order"
	KindStaleUpdate      Kind = "stale-update"
	KindClockChange      Kind = "clock-change"
	KindHoliday          Kind = "holiday"
	KindWeekend          Kind = "weekend"
	KindFarZone          Kind = "far-zone"
	KindImported         Kind = "imported"
	KindSplitTrouble     Kind = "split-with-trouble"
	KindRoundWithoutEnd  Kind = "round-without-end"
	KindAddressWrong     Kind = "address-wrong"
	KindDocuments        Kind = "documents-missing"
	KindCarrierOther     Kind = "carrier-other"
	KindLegs             Kind = "handed-on-to-another-carrier"
	KindEditedLater      Kind = "edited-long-after"
	KindManyLines        Kind = "many-lines"
	KindOddName          Kind = "odd-name"
	KindOddMoney         Kind = "odd-money"
	KindWildDate         Kind = "wild-date"
	KindOtherChannel     Kind = "same-number-of-another-channel"
)

// recipe writes the journeys of a kind; weight is how many of a thousand there are, about.
type recipe struct {
	kind   Kind
	weight int
	write  func(*builder)
}

// recipes returns all of them, in the order in which they are drawn.
func recipes() []recipe {
	var all []recipe
	all = append(all, happyRecipes...)
	all = append(all, splitRecipes...)
	all = append(all, changeRecipes...)
	all = append(all, lostRecipes...)
	all = append(all, lateRecipes...)
	all = append(all, customsRecipes...)
	all = append(all, deliveryRecipes...)
	all = append(all, returnRecipes...)
	all = append(all, methodRecipes...)
	all = append(all, peopleRecipes...)
	all = append(all, troubleRecipes...)
	all = append(all, noiseRecipes...)
	all = append(all, oddRecipes...)
	return append(all, calendarRecipes...)
}

// write draws a kind and builds a journey of it.
func (s *builder) write() *builder {
	all := recipes()
	total := 0
	for _, r := range all {
		total += r.weight
	}
	draw := s.rng.IntN(total)
	for _, r := range all {
		if draw -= r.weight; draw < 0 {
			s.addKinds(r.kind)
			r.write(s)
			break
		}
	}
	s.classify()
	return s
}

// classify adds the kinds that the journey has by chance.
func (s *builder) classify() {
	for _, p := range s.parcels {
		if p.reporter == reporterNone && p.Method == MethodParcel && p.CancelledAt.IsZero() {
			s.addKinds(KindNeverPushed)
		} else if kind, found := habitKinds[p.carrierHabit]; found && p.showsHabit() {
			s.addKinds(kind)
		}
	}
}

// showsHabit reports whether the habit of the reporter shows.
func (p *parcel) showsHabit() bool {
	if p.carrierHabit != habitLocalTime {
		return p.reporter != reporterNone && len(p.scans) > 1
	}
	for _, sc := range p.scans {
		if sc.clock != "" {
			return true
		}
	}
	return false
}
