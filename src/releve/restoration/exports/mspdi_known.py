"""Elements of MSPDI that say nothing of their own: what is computed from the rest, or how a tool shows it. Pure.

Source: mspdi_pj15.xsd. An element that is neither read nor here is said, whatever it holds.
"""

__all__ = ["DERIVED", "READ"]

READ: dict[str, frozenset[str]] = {
    "Project": frozenset(
        "SaveVersion Name Title Subject StartDate FinishDate CalendarUID MinutesPerDay MinutesPerWeek DaysPerMonth "
        "StatusDate ExtendedAttributes Calendars Tasks Resources Assignments ScheduleFromStart".split()
    ),
    "Task": frozenset(
        "UID ID Name Active Manual IsNull Contact WBS OutlineNumber OutlineLevel Priority Start Finish Duration "
        "DurationFormat Stop Resume Recurring Milestone Summary ExternalTask IsSubproject FixedCost Cost ActualCost "
        "PercentComplete ActualStart ActualFinish ActualDuration RemainingDuration OvertimeWork ActualOvertimeWork "
        "ConstraintType CalendarUID ConstraintDate Deadline IgnoreResourceCalendar Notes PredecessorLink "
        "ExtendedAttribute Baseline TimephasedData".split()
    ),
    "Resource": frozenset(
        "UID ID Name Type IsNull Code Group MaxUnits CalendarUID Notes ExtendedAttribute IsGeneric AvailabilityPeriods "
        "StandardRate OvertimeRate CostPerUse Cost Rates Baseline TimephasedData IsCostResource".split()
    ),
    "Assignment": frozenset(
        "UID TaskUID ResourceUID Units Start Finish Work ActualStart ActualFinish Cost ActualCost OvertimeWork "
        "ActualOvertimeWork Baseline TimephasedData Delay".split()
    ),
    "Calendar": frozenset("UID Name IsBaseCalendar BaseCalendarUID WeekDays Exceptions WorkWeeks".split()),
}

_ANYWHERE = "GUID CreateDate CreationDate Hyperlink HyperlinkAddress HyperlinkSubAddress"

DERIVED: dict[str, frozenset[str]] = {
    "Project": frozenset(
        (
            _ANYWHERE
            + " BuildNumber Category Company Manager Author Revision LastSaved FYStartDate CriticalSlackLimit "
            "CurrencyDigits CurrencySymbol CurrencyCode CurrencySymbolPosition DefaultStartTime DefaultFinishTime "
            "DefaultTaskType DefaultFixedCostAccrual DefaultStandardRate DefaultOvertimeRate DurationFormat WorkFormat "
            "EditableActualCosts HonorConstraints InsertedProjectsLikeSummary MultipleCriticalPaths "
            "NewTasksEffortDriven NewTasksEstimated SplitsInProgressTasks SpreadActualCost SpreadPercentComplete "
            "TaskUpdatesResource FiscalYearStart WeekStartDay MoveCompletedEndsBack MoveRemainingStartsBack "
            "MoveRemainingStartsForward MoveCompletedEndsForward BaselineForEarnedValue AutoAddNewResourcesAndTasks "
            "CurrentDate MicrosoftProjectServerURL Autolink NewTaskStartDate NewTasksAreManual "
            "DefaultTaskEVMethod EarnedValueMethod ProjectExternallyEdited ExtendedCreationDate ActualsInSync "
            "RemoveFileProperties AdminProject UpdateManuallyScheduledTasksWhenEditingLinks "
            "KeepTaskOnNearestWorkingTimeWhenMadeAutoScheduled "
            "BaselineCalendar OutlineCodes WBSMasks Views "
            "Filters Groups Tables Maps Reports Drawings DataLinks VBAProjects"
        ).split()
    ),
    "Task": frozenset(
        (
            _ANYWHERE
            + " Type WBSLevel ManualStart ManualFinish ManualDuration StartText FinishText DurationText Work "
            "ResumeValid EffortDriven OverAllocated Estimated DisplayAsSummary DisplayOnTimeline Critical "
            "IsSubprojectReadOnly SubprojectName ExternalTaskProject EarlyStart EarlyFinish LateStart LateFinish "
            "StartVariance FinishVariance WorkVariance DurationVariance FreeSlack StartSlack FinishSlack TotalSlack "
            "FixedCostAccrual PercentWorkComplete OvertimeCost ActualOvertimeCost ActualWork RegularWork "
            "RemainingCost RemainingWork RemainingOvertimeCost RemainingOvertimeWork ACWP CV SV CostVariance "
            "LevelAssignments LevelingCanSplit LevelingDelay LevelingDelayFormat PreLeveledStart PreLeveledFinish "
            "HideBar Rollup BCWS BCWP PhysicalPercentComplete EarnedValueMethod ActualWorkProtected "
            "ActualOvertimeWorkProtected OutlineCode IsPublished StatusManager CommitmentStart CommitmentFinish "
            "CommitmentType IsCritical SummaryProgress ResourceNames"
        ).split()
    ),
    "Resource": frozenset(
        (
            _ANYWHERE
            + " Initials Phonetics NTAccount MaterialLabel WorkGroup EmailAddress PeakUnits OverAllocated "
            "AvailableFrom AvailableTo Start Finish CanLevel AccrueAt Work RegularWork OvertimeWork ActualWork "
            "RemainingWork ActualOvertimeWork RemainingOvertimeWork PercentWorkComplete StandardRateFormat "
            "OvertimeRateFormat OvertimeCost ActualCost ActualOvertimeCost RemainingCost RemainingOvertimeCost "
            "WorkVariance CostVariance SV CV ACWP BCWS BCWP IsInactive IsEnterprise BookingType ActualWorkProtected "
            "ActualOvertimeWorkProtected ActiveDirectoryGUID OutlineCode AssnOwner AssnOwnerGuid IsBudget IsTeam"
        ).split()
    ),
    "Assignment": frozenset(
        (
            _ANYWHERE
            + " PercentWorkComplete ActualOvertimeCost ActualWork ACWP Confirmed CostRateTable CostVariance "
            "CV SV FinishVariance HasFixedRateUnits FixedMaterial LevelingDelay LevelingDelayFormat LinkedFields "
            "Milestone Notes Overallocated OverAllocated OvertimeCost PeakUnits RateScale RegularWork RemainingCost "
            "RemainingOvertimeCost RemainingOvertimeWork RemainingWork ResponsePending Stop Resume StartVariance "
            "Summary UpdateNeeded VAC WorkContour WorkVariance BCWS BCWP BookingType ActualWorkProtected "
            "ActualOvertimeWorkProtected ExtendedAttribute AssnOwner AssnOwnerGuid BudgetCost BudgetWork CreationDate"
        ).split()
    ),
    "Calendar": frozenset((_ANYWHERE + " IsBaselineCalendar").split()),
}
